package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"leida/internal/stats"
)

// responses is a file of shared/interop/item-response, which is read in place.
func responses(t *testing.T, name string) [][]string {
	t.Helper()
	f, err := os.Open(filepath.Join("../../../shared/interop/item-response", name))
	if err != nil {
		t.Skip("the real responses are not here: ", err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func figures(t *testing.T, rows [][]string, column string) []float64 {
	t.Helper()
	j := slices.Index(rows[0], column)
	if j < 0 {
		t.Fatal("no column ", column)
	}
	var out []float64
	for _, row := range rows[1:] {
		x, err := strconv.ParseFloat(row[j], 64)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, x)
	}
	return out
}

// 2,500 people's raw options of 35 multiple-choice items, scored by the key through leida score, as an item author would, and then analyzed: the p of each item is the share of its key.
func TestRealOptionsEndToEnd(t *testing.T) {
	t.Parallel()
	raw, key := responses(t, "J35S5000_mc_first2500.csv"), responses(t, "J35S5000_key.csv")
	dir := t.TempDir()
	scored := make([][]*float64, len(raw)-1)
	want := make([]float64, len(key)-1)
	for j, k := range key[1:] {
		options, _ := strconv.Atoi(k[2])
		var item, lines strings.Builder
		fmt.Fprintf(&item, "schema: leida/item@1\nid: real-%d\nversion: 1\nstatus: draft\ntype: single_choice\nmeasures: [{sub: CPS.2, w: 1.0}]\nlevel: 3\nuse: [practice]\ntags: {scenario: telecom, channel: chat, cognition: apply}\ntitle: {zh: \"题\"}\nprompt: {zh: \"选哪一个？\"}\noptions:\n", j+1)
		for o := 1; o <= options+1; o++ { // some chose what stands outside the options
			credit := ""
			if strconv.Itoa(o) == k[1] {
				credit = ", credit: 1"
			}
			fmt.Fprintf(&item, "  - {id: \"o%d\", zh: \"选项%d\"%s}\n", o, o, credit)
		}
		answered, right := 0.0, 0.0
		for _, row := range raw[1:] {
			if cell := row[j+1]; cell != "" {
				fmt.Fprintf(&lines, "{\"answer\": {\"choice\": \"o%s\"}}\n", cell)
				answered++
				if cell == k[1] {
					right++
				}
			}
		}
		want[j] = right / answered
		name := filepath.Join(dir, "item.yaml")
		if err := os.WriteFile(name, []byte(item.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		r := invoke(lines.String(), "score", name)
		if r.code != exitOK {
			t.Fatal(k[0], r.err, r.out[:min(len(r.out), 400)])
		}
		dec := json.NewDecoder(strings.NewReader(r.out))
		for i, row := range raw[1:] {
			if row[j+1] == "" {
				scored[i] = append(scored[i], nil)
				continue
			}
			var res struct{ Score float64 }
			if err := dec.Decode(&res); err != nil {
				t.Fatal(err)
			}
			scored[i] = append(scored[i], &res.Score)
		}
	}
	r := invoke("", "analyze", "items", sheet(t, scored, false), "--json")
	var got struct {
		Mean  []float64  `json:"item_mean"`
		Rest  []*float64 `json:"corrected_item_total_r"`
		Alpha *float64   `json:"alpha"`
		N     int
	}
	if err := json.Unmarshal([]byte(r.out), &got); err != nil || got.N != len(raw)-1 {
		t.Fatal(err, got.N, r.err)
	}
	for j := range want {
		if math.Abs(got.Mean[j]-want[j]) > 1e-12 || got.Rest[j] == nil || math.Abs(*got.Rest[j]) > 1 {
			t.Errorf("%s: p %g, want %g", key[j+1][0], got.Mean[j], want[j])
		}
	}
	if got.Alpha == nil || *got.Alpha < 0.5 || *got.Alpha > 0.95 {
		t.Errorf("alpha %v", got.Alpha)
	}
}

// 500 people's answers to 15 items: the published slopes and locations, modes of a posterior whose priors are that program's own, lie within two standard errors of ours, and people stand in the same order.
func TestRealCalibration(t *testing.T) {
	items, people := responses(t, "expected/J15S500_IRT2PL_Item.csv"), responses(t, "expected/J15S500_IRT2PL_Student.csv")
	file := "../../../shared/interop/item-response/J15S500.csv"
	bank := filepath.Join(t.TempDir(), "bank.yaml")
	r := invoke("", "analyze", "irt", file, "--skip", "person_id", "--model", "2pl", "--bank", bank, "--json")
	var got struct {
		A   []float64 `json:"a"`
		B   []float64 `json:"b"`
		SEA []float64 `json:"SE_a"`
		SED []float64 `json:"SE_d"`
		D   []float64 `json:"d"`
	}
	if err := json.Unmarshal([]byte(r.out), &got); err != nil || len(got.A) != 15 {
		t.Fatal(err, r)
	}
	slopes, locations := figures(t, items, "Slope"), figures(t, items, "Location")
	for j := range got.A {
		if math.Abs(got.A[j]-slopes[j]) > 2*got.SEA[j] || math.Abs(got.D[j]+slopes[j]*locations[j]) > 2*got.SED[j] {
			t.Errorf("item %d: a %g, d %g, published %g, %g", j+1, got.A[j], got.D[j], slopes[j], -slopes[j]*locations[j])
		}
	}
	s := invoke("", "analyze", "score", file, "--skip", "person_id", "--bank", bank, "--json")
	var scores struct{ EAP []float64 }
	if err := json.Unmarshal([]byte(s.out), &scores); err != nil {
		t.Fatal(err, s)
	}
	if r, ok := stats.Pearson(scores.EAP, figures(t, people, "EAP Score")); !ok || r < 0.99 {
		t.Errorf("the abilities correlate by %g with the published ones", r)
	}
	if r, ok := stats.Pearson(got.A, slopes); !ok || r < 0.97 {
		t.Errorf("the slopes correlate by %g", r)
	}
}

// 400 people's answers to 20 items, 86 of them missing (-99): the published p and alpha.
func TestRealItemAnalysis(t *testing.T) {
	rows, want := responses(t, "J20S400.csv"), responses(t, "expected/J20S400_CTT_Item.csv")
	var answers [][]*float64
	for _, row := range rows[1:] {
		var xs []*float64
		for _, cell := range row[1:] {
			x, err := strconv.ParseFloat(cell, 64)
			if err != nil {
				t.Fatal(err)
			}
			if x == -99 {
				xs = append(xs, nil)
			} else {
				xs = append(xs, &x)
			}
		}
		answers = append(answers, xs)
	}
	r := invoke("", "analyze", "reliability", sheet(t, answers, false), "--json")
	var got struct {
		P     []float64 `json:"p_value"`
		N     []int     `json:"item_n"`
		Alpha float64   `json:"alpha"`
		Drop  []float64 `json:"alpha_if_deleted"`
	}
	if err := json.Unmarshal([]byte(r.out), &got); err != nil {
		t.Fatal(err, r)
	}
	const published = 0.765882804758202
	if math.Abs(got.Alpha-published) > 1e-9 {
		t.Errorf("alpha %g, published %g", got.Alpha, published)
	}
	for column, mine := range map[string][]float64{"Correct Response Rate": got.P, "Alpha If Item Deleted(Covariance)": got.Drop} {
		for j, x := range figures(t, want, column) {
			if math.Abs(mine[j]-x) > 1e-9 {
				t.Errorf("%s of item %d: %g, published %g", column, j+1, mine[j], x)
			}
		}
	}
}
