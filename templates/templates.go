// Package templates embeds the layers. It holds no code; README.md beside it
// is the format.
package templates

import "embed"

// FS holds one folder per layer, as layer.Load wants it.
//
//go:embed all:*
var FS embed.FS
