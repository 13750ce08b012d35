package cli

import (
	"io/fs"

	"github.com/fingerpost/fingerpost/internal/guide"
	"github.com/fingerpost/fingerpost/internal/layer"
	"github.com/fingerpost/fingerpost/internal/plan"
	"github.com/fingerpost/fingerpost/templates"
)

// layers is where the layers of this binary are; a test puts its own there.
var layers fs.FS = templates.FS

// loadMenu reads the layers and joins what they offer with what the guide
// knows: the one menu behind questions, flags, lists and completion.
func loadMenu() (*layer.Catalog, guide.Menu, error) {
	c, err := layer.LoadChecked(layers, "builtin")
	if err != nil {
		return nil, guide.Menu{}, err
	}
	return c, guide.GuideMenu().With(plan.MenuOf(c)), nil
}
