package guide

import "testing"

// What decide costs in a program, and what the test over all combinations pays.
func BenchmarkDecide(b *testing.B) {
	for _, c := range []struct {
		name string
		Answers
	}{
		{"nothing said", Answers{}},
		{"clear", Answers{Knows: "javascript", Building: []string{"realtime"}, Workload: "io"}},
		{"split", Answers{Knows: "both", Building: []string{"ml", "realtime"}, Frontend: "javascript"}},
		{"set by the person", Answers{Knows: "javascript", Framework: "fastapi", Database: "postgres"}},
	} {
		b.Run(c.name, func(b *testing.B) {
			m := GuideMenu()
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Decide(c.Answers, m); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// The first decision of a process also reads the rules.
func BenchmarkReadRules(b *testing.B) {
	for b.Loop() {
		t, err := readTable(rulesTOML)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := compile(t); err != nil {
			b.Fatal(err)
		}
	}
}
