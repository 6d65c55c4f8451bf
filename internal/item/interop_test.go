package item_test

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"

	"leida/internal/item"
	"leida/internal/text"
)

// J35S5000: 35 multiple-choice items with 4 to 6 options answered by 2,500 people, and the key (kosugitti/exametrika, MIT).
type realAnswers struct {
	items   []*item.Item
	key     []string
	names   []string
	people  []string
	answers [][]string // by person; "" is missing
}

func readRealAnswers(t testing.TB) realAnswers {
	t.Helper()
	const dir = "../../../shared/interop/item-response/J35S5000_"
	read := func(name string) [][]string {
		f, err := os.Open(dir + name)
		if errors.Is(err, fs.ErrNotExist) {
			t.Skipf("the real answers are not here: %s%s", dir, name)
		}
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		rows, err := csv.NewReader(f).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		return rows
	}
	var r realAnswers
	for _, row := range read("key.csv")[1:] {
		n, err := strconv.Atoi(row[2])
		if err != nil {
			t.Fatal(err)
		}
		var y strings.Builder
		fmt.Fprintf(&y, "schema: leida/item@1\nid: j35-%s\nversion: 1\nstatus: draft\ntype: single_choice\nmeasures: [{sub: AIC.1, w: 1}]\nlevel: 1\nuse: [practice]\n", strings.ToLower(row[0]))
		fmt.Fprintf(&y, "title: {zh: %q}\nprompt: {zh: 选一个}\noptions:\n", row[0])
		for i := range n {
			key := ""
			if strconv.Itoa(i+1) == row[1] {
				key = ", key: true"
			}
			fmt.Fprintf(&y, "  - {id: \"%d\", zh: 选项%d%s}\n", i+1, i+1, key)
		}
		r.names, r.key = append(r.names, row[0]), append(r.key, row[1])
		r.items = append(r.items, parse(t, row[0]+".yaml", []byte(y.String())))
	}
	rows := read("mc_first2500.csv")
	for i, name := range rows[0][1:] {
		if name != r.names[i] {
			t.Fatalf("column %d is %s, the key's is %s", i+1, name, r.names[i])
		}
	}
	for _, row := range rows[1:] {
		r.people, r.answers = append(r.people, row[0]), append(r.answers, row[1:])
	}
	return r
}

// points is what the code makes of one answer as it comes over the wire.
func points(t testing.TB, it *item.Item, v item.View, choice string) float64 {
	f, err := item.FormFields(url.Values{"choice": {choice}})
	if err != nil {
		t.Fatal(err)
	}
	a, err := it.Body.Parse(v, f)
	if err != nil {
		t.Fatalf("%s: %q: %v", it.ID, choice, err)
	}
	r, err := it.Body.Score(item.Response{Answer: a})
	if err != nil {
		t.Fatal(err)
	}
	return r.Score
}

func TestJ35S5000(t *testing.T) {
	r := readRealAnswers(t)
	if len(r.items) != 35 || len(r.answers) != 2500 {
		t.Fatalf("%d items, %d people", len(r.items), len(r.answers))
	}
	total, missing, differ := 0, 0, 0
	for p, answers := range r.answers {
		got, want := 0.0, 0
		for i, choice := range answers {
			got += points(t, r.items[i], item.Plain(text.ZH), choice)
			if choice == r.key[i] {
				want++
			}
			if choice == "" {
				missing++
			}
		}
		if got != float64(want) {
			if differ++; differ <= 5 {
				t.Errorf("%s has %g right, the key says %d", r.people[p], got, want)
			}
		}
		total += want
	}
	if differ > 0 {
		t.Errorf("%d of %d people differ", differ, len(r.people))
	}
	// a tenth of them once more as candidates see the items: opaque ids in an order of their own
	for p := 0; p < len(r.answers); p += 10 {
		for i, choice := range r.answers[p] {
			v := item.Seen(text.ZH, uint64(p*35+i))
			shown := choice
			for _, o := range r.items[i].Body.Prompt(v, nil).(item.ChoicePrompt).Options {
				if o.Text == "选项"+choice {
					shown = o.ID
				}
			}
			right := 0.0
			if choice == r.key[i] {
				right = 1
			}
			if got := points(t, r.items[i], v, shown); got != right {
				t.Fatalf("%s, %s: %g, want %g", r.people[p], r.names[i], got, right)
			}
		}
	}
	t.Logf("%d answers of %d people: %d right, %d missing, none differs", len(r.people)*35, len(r.people), total, missing)
}

func BenchmarkJ35S5000(b *testing.B) {
	r := readRealAnswers(b)
	rate := func(b *testing.B, n int) { b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "answers/s") }
	b.Run("parse and score", func(b *testing.B) {
		n := 0
		for b.Loop() {
			for i, choice := range r.answers[n%len(r.answers)] {
				points(b, r.items[i], item.Plain(text.ZH), choice)
			}
			n++
		}
		rate(b, 35*n)
	})
	b.Run("score", func(b *testing.B) {
		answers := make([][]item.Answer, 100)
		for p := range answers {
			for i, choice := range r.answers[p] {
				f, _ := item.FormFields(url.Values{"choice": {choice}})
				a, _ := r.items[i].Body.Parse(item.Plain(text.ZH), f)
				answers[p] = append(answers[p], a)
			}
		}
		n := 0
		b.ResetTimer()
		for b.Loop() {
			for i, a := range answers[n%len(answers)] {
				if _, err := r.items[i].Body.Score(item.Response{Answer: a}); err != nil {
					b.Fatal(err)
				}
			}
			n++
		}
		rate(b, 35*n)
	})
	b.Run("baseline comparing strings", func(b *testing.B) {
		n, right := 0, 0
		for b.Loop() {
			for i, choice := range r.answers[n%len(r.answers)] {
				if choice == r.key[i] {
					right++
				}
			}
			n++
		}
		rate(b, 35*n)
	})
}
