package cli

import (
	"strings"
	"testing"

	"github.com/fingerpost/fingerpost/internal/hint"
)

// A file that no person wrote is refused before it is parsed: parsing 200,000
// keys took minutes.
func TestReadAnswersRefusesWhatIsTooLarge(t *testing.T) {
	_, err := readAnswers(strings.NewReader(strings.Repeat("k = \"x\"\n", maxAnswers)), "-")
	if err == nil || !hint.IsMisuse(err) || !strings.Contains(err.Error(), "standard input: more than 65536 bytes") {
		t.Errorf("got %v", err)
	}
	if _, err := readAnswers(strings.NewReader("knows = \"python\"\n"+strings.Repeat("#", 60<<10)+"\n"), "-"); err != nil {
		t.Errorf("a long file with one answer: %v", err)
	}
}
