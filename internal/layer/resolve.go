package layer

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fingerpost/fingerpost/internal/hint"
)

// A Selection is the layers of one service, with everything that joins by
// itself, and the words that they give together.
type Selection struct {
	Layers []*Layer
	words  map[string]bool
}

// Gives tells whether a layer of the selection gives word.
func (s *Selection) Gives(word string) bool { return s.words[word] }

// Words lists what the layers give, sorted.
func (s *Selection) Words() []string {
	out := make([]string, 0, len(s.words))
	for w := range s.words {
		out = append(out, w)
	}
	slices.Sort(out)
	return out
}

// Parts lists the parts of l that join in this selection.
func (s *Selection) Parts(l *Layer) []*Part {
	var out []*Part
	for _, p := range l.Parts {
		if s.all(p.When) {
			out = append(out, p)
		}
	}
	return out
}

func (s *Selection) all(words []string) bool {
	for _, w := range words {
		if !s.words[w] {
			return false
		}
	}
	return true
}

// Asked lists those of words that a with/ folder of some layer waits for: what
// nobody waits for is no word of a service.
func (c *Catalog) Asked(words []string) []string {
	var out []string
	for _, w := range words {
		if slices.ContainsFunc(c.layers, func(l *Layer) bool {
			return slices.ContainsFunc(l.Parts, func(p *Part) bool { return slices.Contains(p.When, w) })
		}) {
			out = append(out, w)
		}
	}
	return out
}

// Resolve takes the layers chosen for one service, adds those that join by
// themselves and checks that every need is met. extra are words from outside
// the service: the shape of the repository, and what the answers say.
func (c *Catalog) Resolve(chosen []*Layer, extra ...string) (*Selection, error) {
	s := &Selection{Layers: slices.Clone(chosen), words: map[string]bool{}}
	for _, w := range extra {
		s.words[w] = true
	}
	for {
		before, count := len(s.words), len(s.Layers)
		for _, l := range s.Layers {
			for _, p := range s.Parts(l) {
				for _, w := range p.Gives {
					s.words[w] = true
				}
			}
		}
		for _, l := range c.layers {
			if joins(l.Kind) && !slices.Contains(s.Layers, l) && s.all(l.Needs) {
				s.Layers = append(s.Layers, l)
			}
		}
		if len(s.words) == before && len(s.Layers) == count {
			break
		}
	}
	slices.SortFunc(s.Layers, laid)
	byKind := map[string]*Layer{}
	for _, l := range s.Layers {
		if other := byKind[l.Kind]; other != nil && Single(l.Kind) {
			return nil, fmt.Errorf("%s and %s: a service has one %s", other.ID, l.ID, l.Kind)
		}
		byKind[l.Kind] = l
		for _, w := range l.Needs {
			if !s.words[w] {
				return nil, hint.Errorf(c.offer(w), "%s needs %s, which nothing chosen gives", l.Label, w)
			}
		}
	}
	return s, nil
}

// offer says which layers give a word.
func (c *Catalog) offer(word string) string {
	var by []string
	for _, l := range c.layers {
		if slices.Contains(l.Gives, word) {
			by = append(by, fmt.Sprintf("--%s %s", l.Kind, l.Value))
		}
	}
	if len(by) == 0 {
		return ""
	}
	return "choose " + strings.Join(by, " or ")
}

// Menus lists every combination of framework, ORM, database and package manager
// that stands together, each with features, in order of the combinations' ids.
func (c *Catalog) Menus(features []*Layer) [][]*Layer {
	var out [][]*Layer
	for _, fw := range c.Choices("framework") {
		lang := fw.Language()
		fits := func(l *Layer) bool { return l.Language() == "" || l.Language() == lang }
		for _, orm := range c.Choices("orm") {
			for _, db := range c.Choices("database") {
				for _, pm := range c.Choices("pm") {
					if !fits(orm) || !fits(db) || !fits(pm) {
						continue
					}
					chosen := append([]*Layer{fw, orm, db, pm}, features...)
					if _, err := c.Resolve(chosen); err == nil {
						out = append(out, chosen)
					}
				}
			}
		}
	}
	return out
}
