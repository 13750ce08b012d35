//go:build !realtools

package probe

const wholeSuite = false
