package assessment_test

import (
	"strings"
	"testing"

	"leida/internal/assessment"
	"leida/internal/fault"
	"leida/internal/item"
)

// panicking is a body that panics in one of its verbs.
type panicking struct {
	item.Body
	in string
}

func (b *panicking) verb(name string) {
	if b.in == name {
		var none []int
		_ = none[len(name)]
	}
}

func (b *panicking) Validate() []fault.Problem       { b.verb("validate"); return nil }
func (b *panicking) Lint() []fault.Problem           { b.verb("lint"); return nil }
func (b *panicking) Guess(item.Strategy) item.Answer { b.verb("guess"); return nil }
func (b *panicking) Score(item.Response) (item.Result, error) {
	b.verb("score")
	return item.Result{}, nil
}

// A panic while definitions are read refuses the file that brings it about, and the others are read all the same.
func TestPanicsRefuseTheFile(t *testing.T) {
	kind, _ := item.KindOf("single_choice")
	for in, refused := range map[string]string{"validate": "a.yaml", "lint": "a.yaml", "guess": "f.yaml", "score": "f.yaml"} {
		t.Run(in, func(t *testing.T) {
			kind.New = func() item.Body { return &panicking{in: in} }
			defer assessment.PutKind(kind)()
			head, _, _ := strings.Cut(single("a-1", "live", "practice", "AIC.1"), "options:")
			lib, report := load(map[string]string{"a.yaml": head, "f.yaml": form, "z.yaml": edit(edit(form, 2, "id: f-2"), 4, "kind: none")})
			if lib != nil {
				t.Error("taken")
			}
			wantSaid(t, errorsOf(report), refused+" yaml.panic", "z.yaml:4:7 define.one_of")
			if it, report := assessment.ParseItem("a.yaml", []byte(head), model()); (it == nil) != (refused == "a.yaml") {
				t.Errorf("a pinned version: %v, %s", it, written(report))
			}
		})
	}
}
