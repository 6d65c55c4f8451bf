package assessment_test

import (
	"fmt"
	"io/fs"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"leida/internal/assessment"
	"leida/internal/fault"
)

// broken cannot open y.yaml.
type broken struct{ fs.FS }

func (b broken) Open(name string) (fs.File, error) {
	if name == "y.yaml" {
		return nil, fs.ErrPermission
	}
	return b.FS.Open(name)
}

// bank is n live items of a sub-competency at levels that go round from 1 to 5.
func bank(files map[string]string, prefix, sub string, n int) map[string]string {
	for i := range n {
		id := fmt.Sprintf("%s-%02d", prefix, i)
		files[id+".yaml"] = strings.Replace(single(id, "live", "practice", sub), "level: 3", fmt.Sprintf("level: %d", 1+i%5), 1)
	}
	return files
}

func drawForm(sections ...string) string {
	return edit(form, 7, "  - "+strings.Join(sections, "\n  - "))
}

func paperIDs(paper []assessment.Drawn) []string {
	var out []string
	for _, d := range paper {
		out = append(out, d.Item.ID)
	}
	return out
}

func TestDraw(t *testing.T) {
	files := bank(bank(map[string]string{}, "a", "AIC.1", 12), "e", "EMP.2", 7)
	files["f.yaml"] = drawForm(
		"{domain: AIC.1, weight: 0.6, draw: [{type: single_choice, n: 3}, {type: single_choice, n: 2, level: [2, 4]}]}",
		"{domain: EMP, weight: 0.4, draw: [{type: single_choice, n: 4}]}")
	lib := mustLoad(t, files)
	a, _ := lib.Assessment("f-1")
	papers := map[string]bool{}
	for seed := range uint64(300) {
		paper, err := lib.Draw(a, seed)
		if err != nil || len(paper) != a.Length() {
			t.Fatalf("seed %d: %d items, %v", seed, len(paper), err)
		}
		again, _ := lib.Draw(a, seed)
		if !slices.EqualFunc(paper, again, func(x, y assessment.Drawn) bool { return x == y }) {
			t.Fatalf("seed %d: %v, then %v", seed, paperIDs(paper), paperIDs(again))
		}
		seen, middle := map[string]bool{}, 0
		for i, d := range paper {
			if want := 0; i >= 5 {
				want = 1
				if d.Section != want {
					t.Fatalf("seed %d: place %d is of section %d", seed, i, d.Section)
				}
			}
			if seen[d.Item.ID] || strings.HasPrefix(d.Item.ID, "e") != (d.Section == 1) {
				t.Fatalf("seed %d: %v", seed, paperIDs(paper))
			}
			seen[d.Item.ID] = true
			if d.Section == 0 && (d.Item.Level == 2 || d.Item.Level == 4) {
				middle++
			}
		}
		if middle < 2 {
			t.Fatalf("seed %d: only %d items of the levels asked for", seed, middle)
		}
		papers[fmt.Sprint(paperIDs(paper))] = true
	}
	if len(papers) < 295 {
		t.Errorf("only %d papers of 300 seeds", len(papers))
	}
	if pool := lib.Pool(a, 0, 1); len(pool) != 5 || pool[0].ID != "a-01" {
		t.Errorf("%d in the pool", len(pool))
	}
}

// Every item of a pool is drawn about equally often, at every place.
func TestDrawIsFair(t *testing.T) {
	const n, k, seeds = 10, 3, 3000
	files := bank(map[string]string{}, "a", "AIC.1", n)
	files["f.yaml"] = drawForm(fmt.Sprintf("{domain: AIC.1, weight: 1, draw: [{type: single_choice, n: %d}]}", k))
	lib := mustLoad(t, files)
	a, _ := lib.Assessment("f-1")
	drawn, places := map[string]int{}, map[string]int{}
	for seed := range uint64(seeds) {
		paper, err := lib.Draw(a, seed)
		if err != nil {
			t.Fatal(err)
		}
		for i, d := range paper {
			drawn[d.Item.ID]++
			places[fmt.Sprint(i, d.Item.ID)]++
		}
	}
	const p = float64(k) / n
	chi, each := 0.0, 0.0
	for i := range n {
		id := fmt.Sprintf("a-%02d", i)
		chi += math.Pow(float64(drawn[id])-seeds*p, 2) / (seeds * p * (1 - p)) * (n - 1) / n
		for place := range k {
			each += math.Pow(float64(places[fmt.Sprint(place, id)])-seeds/n, 2) / (seeds / n)
		}
	}
	if most := chiSquareBound(n - 1); chi > most {
		t.Errorf("drawn unevenly (%.1f, at most %.1f): %v", chi, most, drawn)
	}
	if most := chiSquareBound(k * (n - 1)); each > most {
		t.Errorf("placed unevenly (%.1f, at most %.1f): %v", each, most, places)
	}
}

// chiSquareBound is what a chi-square of so many degrees of freedom exceeds once in a million times (Wilson and Hilferty 1931).
func chiSquareBound(df int) float64 {
	const z = 4.753
	k := 2 / (9 * float64(df))
	return float64(df) * math.Pow(1-k+z*math.Sqrt(k), 3)
}

// Rows that share items are filled whenever there is a way, and never otherwise.
func TestDrawOverlappingPools(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		levels := rapid.SliceOfN(rapid.IntRange(1, 3), 1, 6).Draw(rt, "levels")
		files := map[string]string{}
		for i, l := range levels {
			id := fmt.Sprintf("a-%d", i)
			files[id+".yaml"] = strings.Replace(single(id, "live", "practice", "AIC.1"), "level: 3", fmt.Sprintf("level: %d", l), 1)
		}
		type row struct {
			n      int
			levels []int
		}
		var rows []row
		var draw []string
		for range rapid.IntRange(1, 3).Draw(rt, "rows") {
			r := row{rapid.IntRange(1, 2).Draw(rt, "n"), rapid.SliceOfNDistinct(rapid.IntRange(1, 3), 1, 3, rapid.ID[int]).Draw(rt, "levels of a row")}
			rows = append(rows, r)
			draw = append(draw, fmt.Sprintf("{type: single_choice, n: %d, level: [%s]}", r.n, strings.Trim(strings.Join(strings.Fields(fmt.Sprint(r.levels)), ","), "[]")))
		}
		files["f.yaml"] = drawForm("{domain: AIC.1, weight: 1, draw: [" + strings.Join(draw, ", ") + "]}")
		used := make([]bool, len(levels))
		var possible func(r, n int) bool
		possible = func(r, n int) bool {
			if r == len(rows) {
				return true
			}
			if n == rows[r].n {
				return possible(r+1, 0)
			}
			for i, l := range levels {
				if !used[i] && slices.Contains(rows[r].levels, l) {
					used[i] = true
					if possible(r, n+1) {
						return true
					}
					used[i] = false
				}
			}
			return false
		}
		lib, report := load(files)
		if (lib != nil) != possible(0, 0) {
			rt.Fatalf("items at levels %v, rows %+v: %v", levels, rows, said(report))
		}
		if lib == nil {
			for _, f := range errorsOf(report) {
				if f.Key != "assessment.short" || f.Args["stock"].(int) >= f.Args["need"].(int) {
					rt.Fatalf("%+v", f)
				}
			}
			return
		}
		a, _ := lib.Assessment("f-1")
		for seed := range uint64(5) {
			paper, err := lib.Draw(a, seed)
			if ids := paperIDs(paper); err != nil || len(ids) != a.Length() || len(slices.Compact(slices.Sorted(slices.Values(ids)))) != len(ids) {
				rt.Fatalf("seed %d: %v, %v", seed, ids, err)
			}
		}
	})
}

// Two sections may want the same items: one that measures two sub-competencies goes where it is needed.
func TestDrawAcrossSections(t *testing.T) {
	both := strings.Replace(single("both-1", "live", "practice", "AIC.1"), "{sub: AIC.1, w: 1}", "{sub: AIC.1, w: 0.5}, {sub: EMP.1, w: 0.5}", 1)
	files := map[string]string{"both.yaml": both, "one.yaml": single("one-1", "live", "practice", "AIC.1"), "f.yaml": drawForm(
		"{domain: AIC, weight: 0.5, draw: [{type: single_choice, n: 1}]}", "{domain: EMP.1, weight: 0.5, draw: [{type: single_choice, n: 1}]}")}
	lib := mustLoad(t, files)
	a, _ := lib.Assessment("f-1")
	for seed := range uint64(30) {
		if paper, err := lib.Draw(a, seed); err != nil || paper[0].Item.ID != "one-1" || paper[1].Item.ID != "both-1" {
			t.Fatalf("seed %d: %v, %v", seed, paperIDs(paper), err)
		}
	}
	// without the other there is one item for two places: said of one row, with what is left for it
	delete(files, "one.yaml")
	_, report := load(files)
	wantSaid(t, errorsOf(report), "f.yaml:8:41 assessment.short")
	if f := errorsOf(report)[0]; f.Args["need"] != 1 || f.Args["stock"] != 0 {
		t.Errorf("%v", f.Args)
	}
	// a library whose bank has shrunk says so when it draws
	lib.Items = lib.Items[:1]
	if _, err := lib.Draw(a, 1); !fault.Is(err, fault.Invalid) || fault.As(err).Problems[0].Path != "sections[1].draw[0]" {
		t.Errorf("%v", err)
	}
}
