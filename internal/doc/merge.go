package doc

import (
	"slices"
	"strings"

	"github.com/fingerpost/fingerpost/internal/hint"
)

type merger struct {
	keys map[string]string // dotted path of a list of maps -> the key of its items
}

// merge merges b into a, both at the path at.
func (m *merger) merge(at []string, a, b *Value) error {
	if a.kind != b.kind {
		return conflict(at, a, b)
	}
	a.open = a.open || b.open
	a.layout = max(a.layout, b.layout)
	a.header = a.header || b.header
	switch a.kind {
	case scalarKind:
		if !equal(a, b) {
			return conflict(at, a, b)
		}
		return nil
	case listKind:
		return m.mergeLists(at, a, b)
	}
	for _, e := range b.entries {
		old := a.entry(e.key)
		if old == nil {
			a.entries = append(a.entries, e)
			continue
		}
		if err := m.merge(append(slices.Clip(at), e.key), old.value, e.value); err != nil {
			return err
		}
	}
	return nil
}

func (m *merger) mergeLists(at []string, a, b *Value) error {
	key, keyed := m.keys[strings.Join(at, ".")]
	if !keyed {
		key, keyed = m.keys[joinPath(at)]
	}
	switch {
	case len(b.items) == 0 || equal(a, b):
		return nil
	case len(a.items) == 0:
		a.items = b.items
		return nil
	case a.allScalars() && b.allScalars():
		for _, item := range b.items {
			if !slices.ContainsFunc(a.items, func(x *Value) bool { return equal(x, item) }) {
				a.items = append(a.items, item)
			}
		}
		return nil
	case !keyed:
		return hint.Errorf("say in [merge] of the owner's layer.toml which key tells the items apart, or let one layer alone give the list",
			"%s:%d: %s is a list of more than scalars, and %s:%d gives it too", b.part.where(), b.line, joinPath(at), a.part.where(), a.line)
	}
	for _, item := range b.items {
		id := item.Get(key)
		if id == nil {
			return item.part.errorf(item.line, "an item of %s has no %q, by which its items are told apart", joinPath(at), key)
		}
		var same *Value
		for _, x := range a.items {
			other := x.Get(key)
			if other == nil {
				return x.part.errorf(x.line, "an item of %s has no %q, by which its items are told apart", joinPath(at), key)
			}
			if equal(other, id) {
				same = x
				break
			}
		}
		if same == nil {
			a.items = append(a.items, item)
			continue
		}
		// The key itself is equal: it may be a list, which must not be merged as one.
		if err := m.merge(at, same, item); err != nil {
			return err
		}
	}
	return nil
}
