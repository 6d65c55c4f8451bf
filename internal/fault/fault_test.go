package fault_test

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"leida/internal/fault"
)

func TestProblem(t *testing.T) {
	got := fault.At("a.b", "k", "min", 1, "max", 2)
	if diff := cmp.Diff(fault.Problem{Path: "a.b", Key: "k", Args: fault.Args{"min": 1, "max": 2}}, got); diff != "" {
		t.Error(diff)
	}
	if w := fault.Warn("a", "k"); !w.Warning || w.Args != nil || fault.At("a", "k").Warning {
		t.Errorf("%+v", w)
	}
	if p := fault.At("a", "k", fault.Args{"n": 1}); p.Args["n"] != 1 {
		t.Errorf("args given whole: %+v", p)
	}
	if p := fault.At("a", "k", "n"); len(p.Args) != 0 {
		t.Errorf("a name without a value: %+v", p)
	}
	under := got.Under("options[1]")
	if under.Path != "options[1].a.b" || got.Path != "a.b" {
		t.Errorf("%s, %s", under.Path, got.Path)
	}
}

func TestJoin(t *testing.T) {
	for _, tt := range []struct{ parent, child, want string }{
		{"", "", ""}, {"", "a", "a"}, {"a", "", "a"}, {"a", "b.c", "a.b.c"}, {"a", "[2]", "a[2]"}, {"a", "[2].b", "a[2].b"},
	} {
		if got := fault.Join(tt.parent, tt.child); got != tt.want {
			t.Errorf("Join(%q, %q) = %q", tt.parent, tt.child, got)
		}
	}
	if got := fault.Index("a", 12); got != "a[12]" {
		t.Error(got)
	}
}

func TestOf(t *testing.T) {
	if err := fault.Of(nil); err != nil {
		t.Errorf("of nothing: %v", err)
	}
	if err := fault.Of([]fault.Problem{fault.Warn("a", "k")}); err != nil {
		t.Errorf("of warnings: %v", err)
	}
	err := fault.Of([]fault.Problem{fault.Warn("a", "k"), fault.At("b", "k"), fault.At("c", "k")})
	if f := fault.As(err); f.Kind != fault.Invalid || len(f.Problems) != 2 || f.Problems[0].Path != "b" {
		t.Errorf("%v", err)
	}
	if f := fault.Field("a", "k", "n", 1); f.Kind != fault.Invalid || f.Problems[0].Args["n"] != 1 {
		t.Errorf("%v", f)
	}
}

func TestKindOf(t *testing.T) {
	cause := io.ErrUnexpectedEOF
	f := fault.New(fault.Conflict, "exam.moved", "n", 1)
	because := f.Because(cause)
	wrapped := fmt.Errorf("outer: %w", because)
	for _, tt := range []struct {
		err  error
		want fault.Kind
	}{{f, fault.Conflict}, {because, fault.Conflict}, {wrapped, fault.Conflict}, {cause, fault.Internal}, {errors.Join(cause, f), fault.Conflict}} {
		if got := fault.KindOf(tt.err); got != tt.want || !fault.Is(tt.err, tt.want) || fault.Is(tt.err, fault.Busy) {
			t.Errorf("%v: %s", tt.err, got)
		}
	}
	if fault.Is(nil, fault.Internal) || fault.As(nil) != nil || fault.As(cause) != nil {
		t.Error("nil is no fault")
	}
	if !errors.Is(wrapped, cause) || errors.Is(f, cause) {
		t.Error("the cause is kept beside a copy")
	}
	if s := wrapped.Error(); !strings.Contains(s, "conflict: exam.moved n=1: unexpected EOF") {
		t.Error(s)
	}
	if s := fault.Field("a[1]", "k", "z", 1, "y", 2).Error(); s != "invalid: fault.invalid; a[1]: k y=2 z=1" {
		t.Error(s)
	}
}

func TestNear(t *testing.T) {
	fields := []string{"schema", "questions", "options", "prompt", "why", "id"}
	for _, tt := range []struct{ word, want string }{
		{"qustions", "questions"}, {"Options", "options"}, {"otpions", "options"}, {"promt", "prompt"}, {"promptt", "prompt"}, {"wyh", "why"}, {"di", "id"},
		{"", ""}, {"completely", ""}, {"xxxxxxx", ""}, {"选项", ""},
	} {
		if got := fault.Near(tt.word, fields); got != tt.want {
			t.Errorf("Near(%q) = %q, want %q", tt.word, got, tt.want)
		}
	}
	if got := fault.Near("a", nil); got != "" {
		t.Error(got)
	}
	if got := fault.Near("能里", []string{"能力", "等级"}); got != "能力" {
		t.Errorf("characters count, not bytes: %q", got)
	}
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringN(0, 12, -1).Draw(t, "word")
		known := rapid.SliceOf(rapid.StringN(0, 12, -1)).Draw(t, "known")
		got := fault.Near(word, known)
		for _, k := range known {
			if k == word && !strings.EqualFold(got, word) && len([]rune(word)) > 0 {
				t.Errorf("the word itself is there, %q is said", got)
			}
		}
	})
}

// A word as long as a file is not compared letter by letter.
func TestNearOfAHugeWord(t *testing.T) {
	huge := strings.Repeat("a", 1<<20)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if got := fault.Near(huge, []string{"options", "prompt", "questions"}); got != "" {
		t.Error(got)
	}
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 4<<20 {
		t.Errorf("%d bytes allocated", n)
	}
}
