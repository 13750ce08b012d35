package verify

import (
	"fmt"
	"slices"
	"testing"

	"github.com/fingerpost/fingerpost/internal/guide"
	"github.com/fingerpost/fingerpost/internal/verify/matrix"
	"github.com/fingerpost/fingerpost/ledger"
)

// menu makes candidates of a small menu, all in one state.
func menu(state ledger.State) []candidate {
	var out []candidate
	for _, fw := range []string{"a", "b", "c"} {
		for _, orm := range []string{"none", "x"} {
			for _, db := range []string{"lite", "pg"} {
				for _, pm := range []string{"p", "q"} {
					out = append(out, candidate{
						Combination: &matrix.Combination{ID: fmt.Sprintf("%s.%s.%s.%s", fw, orm, db, pm), Pick: guide.Recommendation{Shape: "single",
							Services: []guide.Service{{Name: "app", Framework: fw, ORM: orm, Database: db, PM: pm}}}},
						status: ledger.Status{State: state, Date: "2026-11-24"},
					})
				}
			}
		}
	}
	return out
}

func ids(list []candidate) []string {
	var out []string
	for _, c := range list {
		out = append(out, c.ID)
	}
	return out
}

// TestPairwise shows that every pair of choices has been seen long before the
// list is through.
func TestPairwise(t *testing.T) {
	all := menu(ledger.None)
	ordered := pairwise(all)
	if a, b := ids(all), ids(ordered); !slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))) {
		t.Fatalf("%v is not %v in another order", b, a)
	}
	want := map[[2]string]bool{}
	for _, c := range all {
		for _, p := range pairs(c) {
			want[p] = true
		}
	}
	seen := map[[2]string]bool{}
	for _, c := range ordered[:8] {
		for _, p := range pairs(c) {
			seen[p] = true
		}
	}
	if len(seen) != len(want) {
		t.Errorf("the first 8 of %d see %d of %d pairs", len(all), len(seen), len(want))
	}
}

// TestChoose shows what a CI run proves: all that changed first, then the
// oldest, then a few by chance that the commit decides.
func TestChoose(t *testing.T) {
	all := menu(ledger.Proven)
	for _, i := range []int{3, 17} {
		all[i].status = ledger.Status{State: ledger.Stale, Date: "2020-01-01"}
	}
	all[9].status.State = ledger.None
	all[11].status.Date, all[12].status.Date = "2025-01-01", "2025-01-02"
	got, open := choose(all, "one")
	if len(got) != 2+2*few {
		t.Fatalf("%d chosen, want %d: %v", len(got), 2+2*few, ids(got))
	}
	if want := []string{all[9].ID}; !slices.Equal(ids(open), want) {
		t.Errorf("open are %v, want what has no evidence, %v", ids(open), want)
	}
	changed := slices.Sorted(slices.Values(ids(got[:2])))
	if want := slices.Sorted(slices.Values([]string{all[3].ID, all[17].ID})); !slices.Equal(changed, want) {
		t.Errorf("first come %v, want the changed ones %v", changed, want)
	}
	if oldest := ids(got[2:4]); !slices.Equal(oldest, []string{all[11].ID, all[12].ID}) {
		t.Errorf("then come %v, want the oldest", oldest)
	}
	var why []string
	for _, c := range got {
		why = append(why, c.why)
	}
	if want := []string{"changed", "changed", "oldest", "oldest", "by chance", "by chance"}; !slices.Equal(why, want) {
		t.Errorf("they are proven because they are %q, want %q", why, want)
	}
	if again, _ := choose(all, "one"); !slices.Equal(ids(again), ids(got)) {
		t.Errorf("the same commit chooses %v and %v", ids(got), ids(again))
	}
	other := map[string]bool{}
	for i := range 20 {
		chosen, _ := choose(all, fmt.Sprint(i))
		for _, c := range chosen[4:] {
			other[c.ID] = true
		}
	}
	if len(other) < 10 {
		t.Errorf("20 commits choose only %d combinations by chance", len(other))
	}
}
