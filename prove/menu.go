package main

import (
	"fmt"
	"io"

	"github.com/fingerpost/fingerpost/internal/layer"
	"github.com/fingerpost/fingerpost/internal/verify/matrix"
	"github.com/fingerpost/fingerpost/templates"
)

// menu writes, for each combination whose image is proven, the flags with
// which `fingerpost new` makes it, a line each.
func menu(w io.Writer) error {
	c, err := layer.Load(templates.FS, "builtin")
	if err != nil {
		return err
	}
	all, err := matrix.All(c)
	if err != nil {
		return err
	}
	for _, m := range all {
		if s := m.Pick.Services[0]; m.Image {
			fmt.Fprintf(w, "--framework %s --orm %s --database %s --pm %s\n", s.Framework, s.ORM, s.Database, s.PM)
		}
	}
	return nil
}
