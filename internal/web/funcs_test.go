package web

import (
	"fmt"
	"html/template"
	"strings"
	"sync"
	"testing"
)

// Prose is rendered once, whoever asks, and what is kept does not grow without end.
func TestProse(t *testing.T) {
	var p prose
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for k := range mostProse + 10 {
				s := fmt.Sprintf("**%d** <b>", k+i%2)
				got, err := p.html(s)
				if want := template.HTML(fmt.Sprintf("<p><strong>%d</strong> &lt;b&gt;</p>\n", k+i%2)); got != want || err != nil {
					t.Error(got, err)
				}
			}
		})
	}
	all.Wait()
	if n := len(p.kept); n == 0 || n > mostProse {
		t.Error(n)
	}
	p.kept["**0** <b>"] = "as it was kept"
	if got, err := p.html("**0** <b>"); got != "as it was kept" || err != nil {
		t.Error("rendered twice: ", got, err)
	}
	long := strings.Repeat("x", longestProse+1)
	if got, err := p.html(long); err != nil || !strings.Contains(string(got), long) || p.kept[long] != "" {
		t.Error("a long text: ", len(got), err)
	}
}

// What there is and what is missing never add up to more than is needed, nor does what is not enough read as if it were.
func TestSofar(t *testing.T) {
	for x, want := range map[float64]string{0: "0", 0.04: "0", 1.45: "1.4", 0.1 + 0.2: "0.3", 3.96: "3.9", 4: "4"} {
		if got := sofar(x); got != want {
			t.Errorf("%g reads %s, not %s", x, got, want)
		}
	}
}
