package stats_test

import (
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat"
	"pgregory.net/rapid"

	"leida/internal/stats"
)

func init() { topics["irt_person"] = checkPersons }

// bankItem is an item as the vectors write it: a slope and a difficulty, or thresholds b1, b2 ...
type bankItem map[string]any

// bankOf is a bank of the vectors' items, with SD 1.
func bankOf(model stats.Model, items []bankItem) stats.Bank {
	bank := stats.Bank{SD: 1}
	for _, x := range items {
		it := stats.Item{Model: model}
		it.A, _ = x["a"].(float64)
		if it.Model == stats.Rasch {
			it.A = 1
		}
		for _, k := range []string{"b", "b1", "b2", "b3", "b4", "b5"} {
			if b, ok := x[k].(float64); ok {
				it.B = append(it.B, b)
			}
		}
		it.Name, _ = x["item"].(string)
		bank.Items = append(bank.Items, it)
	}
	return bank
}

// byEnding is the tolerance of a path by its ending, or its only one.
func byEnding(v vector, endings map[string]string, other string) func(string) float64 {
	return func(path string) float64 {
		path, _, _ = strings.Cut(path, "[")
		for ending, key := range endings {
			if strings.HasSuffix(path, ending) {
				return v.Tolerance[key]
			}
		}
		return v.Tolerance[other]
	}
}

func checkPersons(t *testing.T, v vector) {
	in := decode[struct {
		Bank  []bankItem
		Theta []float64 `json:"theta_grid"`
	}](t, v.Input)
	want := decode[struct{ Patterns []any }](t, v.Expected)
	model := stats.TwoPL
	if _, ok := in.Bank[0]["b1"]; ok {
		model = stats.Graded
	}
	bank := bankOf(model, in.Bank)
	scores := scored(t, bank, want.Patterns)
	tol := byEnding(v, map[string]string{"SE": "SE_abs", "information": "info_abs"}, "theta_abs")
	got := merged(t, scores, map[string]any{"patterns": want.Patterns})
	if in.Theta != nil {
		information, err := bank.Information(in.Theta)
		if err != nil {
			t.Fatal(err)
		}
		got = merged(t, got, information)
	}
	meets(t, got, v.Expected, tol)
}

// merged is one object with the keys of all.
func merged(t *testing.T, parts ...any) map[string]any {
	t.Helper()
	out := map[string]any{}
	for _, p := range parts {
		raw, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(raw, &out); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// scored are the scores of patterns: a character or number an item, "." for missing.
func scored(t *testing.T, bank stats.Bank, patterns []any) *stats.Scores {
	t.Helper()
	tab := stats.Table{}
	for _, it := range bank.Items {
		tab.Names = append(tab.Names, it.Name)
	}
	for j := range tab.Names {
		if tab.Names[j] == "" {
			tab.Names[j] = strconv.Itoa(j + 1)
		}
	}
	for _, p := range patterns {
		var row []float64
		switch p := p.(type) {
		case string:
			for _, c := range p {
				x := float64(c - '0')
				if c == '.' {
					x = stats.Missing()
				}
				row = append(row, x)
			}
		case []any:
			for _, c := range p {
				row = append(row, c.(float64))
			}
		}
		tab.Rows = append(tab.Rows, row)
	}
	answers, err := bank.Answers(tab)
	if err != nil {
		t.Fatal(err)
	}
	scores, err := bank.Scores(answers)
	if err != nil {
		t.Fatal(err)
	}
	return scores
}

// personsMeet compares the scores of a calibrated bank with a vector's: of irt_2pl_sim the first EAP of the simulated persons and how far all are from the truth, of others the
// scores of patterns, which are the values of the answers with "." for missing.
func personsMeet(t *testing.T, v vector, b stats.Bank, want json.RawMessage) {
	t.Helper()
	if v.Topic == "irt_2pl_sim" {
		patterns := []any{}
		for _, line := range lines(t, v, v.InputFile) {
			patterns = append(patterns, line)
		}
		scores := scored(t, b, patterns)
		distance := 0.0
		for i, line := range lines(t, v, strings.Replace(v.InputFile, "_responses", "_true_theta", 1)) {
			truth, err := strconv.ParseFloat(line, 64)
			if err != nil {
				t.Fatal(err)
			}
			distance += (scores.EAP[i] - truth) * (scores.EAP[i] - truth) / float64(len(patterns))
		}
		got := map[string]any{"eap_rmse": math.Sqrt(distance), "eap_mean_se": stat.Mean(scores.EAPSE, nil), "eap_first10": scores.EAP[:10], "eap_se_first10": scores.EAPSE[:10]}
		tol := byEnding(v, map[string]string{"rmse": "rmse_abs"}, "eap_abs")
		meets(t, got, want, tol, "logLik", "item_file", "rmse_a", "rmse_b") // of the calibration
		return
	}
	in := decode[struct{ Patterns []any }](t, want)
	scores := scored(t, b, in.Patterns)
	got := merged(t, scores, map[string]any{"patterns": in.Patterns, "MAP_SE_expected_info": scores.MAPSE})
	endings := map[string]string{}
	for ending, key := range map[string]string{"WLE": "WLE_abs", "SE": "score_SE_abs"} {
		if _, ok := v.Tolerance[key]; ok {
			endings[ending] = key
		}
	}
	meets(t, got, want, byEnding(v, endings, "score_abs"), "WLE_SE_mirt_reported") // "do not match that"
}

// lines of a compressed file of the vectors.
func lines(t *testing.T, v vector, file string) []string {
	t.Helper()
	f, err := os.Open(filepath.Join(v.dir, file))
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("not among the copied vectors: ", file)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	all, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Fields(string(all))
}

// Scores by the parameters that other programs found. The vectors allow EAP and MAP 1e-4 from the given parameters.
func TestScoresByGivenParameters(t *testing.T) {
	for _, topic := range []string{"irt_2pl", "irt_2pl_sim", "irt_rasch", "irt_poly"} {
		t.Run(topic, func(t *testing.T) {
			for _, v := range vectorsOf(t, vectorsDir(), topic) {
				t.Run(v.ID, func(t *testing.T) {
					want := decode[struct {
						A, B     []float64
						BMML     []float64 `json:"b_mml"`
						Var      float64   `json:"theta_var_mml"`
						Items    []bankItem
						ItemFile string `json:"item_file"`
						Scores   json.RawMessage
					}](t, v.Expected)
					bank := stats.Bank{SD: 1}
					switch {
					case want.ItemFile != "":
						bank = bankFile(t, v, want.ItemFile)
						want.Scores = v.Expected
					case want.Items != nil:
						model := stats.Graded
						if strings.HasPrefix(v.ID, "gpcm") {
							model = stats.GPCM
						}
						bank = bankOf(model, want.Items)
						for j := range bank.Items {
							for k := range bank.Items[j].Categories() {
								bank.Items[j].Values = append(bank.Items[j].Values, float64(k+1))
							}
						}
					case want.BMML != nil:
						bank.SD = math.Sqrt(want.Var)
						for j := range want.BMML {
							bank.Items = append(bank.Items, stats.Item{Model: stats.Rasch, A: 1, B: want.BMML[j : j+1]})
						}
					default:
						for j := range want.A {
							bank.Items = append(bank.Items, stats.Item{Model: stats.TwoPL, A: want.A[j], B: want.B[j : j+1]})
						}
					}
					v.Tolerance = map[string]float64{"score_abs": 1e-4, "rmse_abs": 1e-4, "eap_abs": 1e-4}
					personsMeet(t, v, bank, want.Scores)
				})
			}
		})
	}
}

// bankFile reads a 2PL bank of the vectors: item, a, b, and in some c (0), d (1), dim.
func bankFile(t *testing.T, v vector, file string) stats.Bank {
	t.Helper()
	f, err := os.Open(filepath.Join(v.dir, file))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	bank := stats.Bank{SD: 1}
	for _, row := range rows[1:] {
		a, err := strconv.ParseFloat(row[1], 64)
		if err != nil {
			t.Fatal(err)
		}
		b, err := strconv.ParseFloat(row[2], 64)
		if err != nil {
			t.Fatal(err)
		}
		it := stats.Item{Name: row[0], Model: stats.TwoPL, A: a, B: []float64{b}}
		if len(row) > 5 {
			it.Group = row[5]
		}
		bank.Items = append(bank.Items, it)
	}
	return bank
}

// The maximum likelihood by raw score of eRm's difficulties, but for the two ends, which eRm extrapolates.
func TestLikelihoodByRawScore(t *testing.T) {
	for _, v := range vectorsOf(t, vectorsDir(), "irt_rasch") {
		want := decode[struct {
			B  []float64 `json:"b_cml"`
			ML []struct {
				Raw   int
				Theta float64
			} `json:"theta_ml_by_rawscore"`
		}](t, v.Expected)
		bank := stats.Bank{SD: 1}
		for _, b := range want.B {
			bank.Items = append(bank.Items, stats.Item{Model: stats.Rasch, A: 1, B: []float64{b}})
		}
		for _, x := range want.ML {
			if x.Raw == 0 || x.Raw == len(want.B) {
				continue
			}
			scores := scored(t, bank, []any{strings.Repeat("1", x.Raw) + strings.Repeat("0", len(want.B)-x.Raw)})
			if got := scores.ML[0]; got == nil || math.Abs(*got-x.Theta) > 1e-4 {
				t.Errorf("%s, raw score %d: %v, want %g", v.ID, x.Raw, got, x.Theta)
			}
		}
	}
}

// drawBank draws a bank of items of all models, or of one.
func drawBank(t *rapid.T, models ...stats.Model) stats.Bank {
	if models == nil {
		models = []stats.Model{stats.Rasch, stats.TwoPL, stats.Graded, stats.GPCM}
	}
	bank := stats.Bank{SD: rapid.Float64Range(0.3, 2).Draw(t, "sd")}
	for range rapid.IntRange(1, 12).Draw(t, "items") {
		it := stats.Item{Model: rapid.SampledFrom(models).Draw(t, "model"), A: 1, B: []float64{rapid.Float64Range(-3, 3).Draw(t, "b")}}
		if it.Model != stats.Rasch {
			it.A = rapid.Float64Range(0.2, 3).Draw(t, "a")
		}
		if it.Model == stats.Graded || it.Model == stats.GPCM {
			for _, step := range rapid.SliceOfN(rapid.Float64Range(0.05, 1), 0, 4).Draw(t, "steps") {
				it.B = append(it.B, it.B[len(it.B)-1]+step)
			}
		}
		bank.Items = append(bank.Items, it)
	}
	return bank
}

// drawPattern draws answers to a bank, some missing.
func drawPattern(t *rapid.T, bank stats.Bank) []any {
	var out []any
	for i := range bank.Items {
		x := float64(rapid.IntRange(-1, len(bank.Items[i].B)).Draw(t, "answer"))
		if x < 0 {
			x = stats.Missing()
		}
		out = append(out, x)
	}
	return out
}

func scoreOne(t interface{ Fatal(...any) }, bank stats.Bank, pattern []any) *stats.Scores {
	tab := stats.Table{Rows: [][]float64{nil}}
	for j, x := range pattern {
		tab.Names, tab.Rows[0] = append(tab.Names, strconv.Itoa(j+1)), append(tab.Rows[0], x.(float64))
	}
	answers, err := bank.Answers(tab)
	if err != nil {
		t.Fatal(err)
	}
	scores, err := bank.Scores(answers)
	if err != nil {
		t.Fatal(err)
	}
	return scores
}

// A higher raw score is a higher ability in a Rasch bank, whichever the answers, and the same raw score is the same ability.
func TestRaschScoresRise(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		bank := drawBank(t, stats.Rasch)
		order := rapid.Permutation(bank.Items).Draw(t, "order")
		last := stats.Scores{}
		for raw := range len(bank.Items) + 1 {
			pattern := make([]any, len(bank.Items))
			for j := range pattern {
				pattern[j] = 0.0
				if j < raw {
					pattern[j] = 1.0
				}
			}
			s := scoreOne(t, bank, pattern)
			bank.Items, order = order, bank.Items
			other := scoreOne(t, bank, pattern)
			if math.Abs(s.EAP[0]-other.EAP[0]) > 1e-9 || math.Abs(s.MAP[0]-other.MAP[0]) > 1e-9 || math.Abs(*s.WLE[0]-*other.WLE[0]) > 1e-9 {
				t.Fatalf("raw score %d: %+v and %+v", raw, s, other)
			}
			if raw > 0 && (s.EAP[0] <= last.EAP[0] || s.MAP[0] <= last.MAP[0] || *s.WLE[0] < *last.WLE[0]) {
				t.Fatalf("raw score %d: %+v after %+v", raw, s, last)
			}
			last = *s
		}
	})
}

// A missing answer is as if its item were not there; results are finite and within bounds; ML is absent for extreme
// answers alone.
func TestScoresProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		bank := drawBank(t)
		pattern := drawPattern(t, bank)
		s := scoreOne(t, bank, pattern)
		short, answers := stats.Bank{SD: bank.SD}, []any{}
		lowest, highest := true, true
		for j, x := range pattern {
			if c := x.(float64); !stats.IsMissing(c) {
				short.Items, answers = append(short.Items, bank.Items[j]), append(answers, x)
				lowest, highest = lowest && c == 0, highest && int(c) == len(bank.Items[j].B)
			}
		}
		reach := 6 * max(1, bank.SD)
		if math.Abs(s.EAP[0]) > reach || math.Abs(s.MAP[0]) > reach || !(s.EAPSE[0] > 0) || !(s.MAPSE[0] > 0) || s.MAPSE[0] > bank.SD+1e-12 {
			t.Fatalf("%+v", s)
		}
		if (s.ML[0] == nil) != (lowest || highest) || (s.WLE[0] == nil) != (len(answers) == 0) {
			t.Fatalf("%v: %+v", pattern, s)
		}
		if len(answers) == 0 {
			if math.Abs(s.EAP[0]) > 1e-12 || math.Abs(s.EAPSE[0]-bank.SD) > 1e-6 || s.MAP[0] != 0 || math.Abs(s.MAPSE[0]-bank.SD) > 1e-12 {
				t.Fatalf("nothing answered: %+v", s)
			}
			return
		}
		other := scoreOne(t, short, answers)
		if s.EAP[0] != other.EAP[0] || s.EAPSE[0] != other.EAPSE[0] || s.MAP[0] != other.MAP[0] || *s.WLE[0] != *other.WLE[0] {
			t.Fatalf("%+v, without the missing %+v", s, other)
		}
	})
}

// A 2PL item, a graded and a partial credit item of two categories are the same; a difficulty moves the ability with it.
func TestModelsMeetAtTwoCategories(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		bank := drawBank(t, stats.TwoPL)
		pattern := drawPattern(t, bank)
		want := scoreOne(t, bank, pattern)
		for _, model := range []stats.Model{stats.Graded, stats.GPCM} {
			for j := range bank.Items {
				bank.Items[j].Model = model
			}
			got := scoreOne(t, bank, pattern)
			if math.Abs(got.EAP[0]-want.EAP[0]) > 1e-9 || math.Abs(got.MAP[0]-want.MAP[0]) > 1e-9 || math.Abs(got.MAPSE[0]-want.MAPSE[0]) > 1e-9 {
				t.Fatalf("%s: %+v, want %+v", model, got, want)
			}
		}
	})
}

// Information is what the slopes of the probabilities say: the sum of P'²/P, by differences.
func TestInformationIsOfTheSlopes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		bank := drawBank(t)
		theta := rapid.Float64Range(-4, 4).Draw(t, "theta")
		got, err := bank.Information([]float64{theta})
		if err != nil {
			t.Fatal(err)
		}
		const h = 1e-5
		sum := 0.0
		for j, it := range bank.Items {
			p, lo, hi := it.P(theta, nil), it.P(theta-h, nil), it.P(theta+h, nil)
			want := 0.0
			for k := range p {
				want += (hi[k] - lo[k]) * (hi[k] - lo[k]) / (4 * h * h * p[k])
			}
			if math.Abs(got.Items[j][0]-want) > 1e-5*(1+want) {
				t.Fatalf("%+v: %g, want %g", it, got.Items[j][0], want)
			}
			sum += got.Items[j][0]
		}
		if math.Abs(sum-got.Test[0]) > 1e-12*(1+sum) {
			t.Fatalf("%g, sum %g", got.Test[0], sum)
		}
	})
}

// fails reports what an error must be.
func fails(t *testing.T, err error, want stats.Error) {
	t.Helper()
	var got *stats.Error
	if !errors.As(err, &got) || got.What != want.What || got.Row != want.Row || got.Column != want.Column {
		t.Errorf("%v, want %v", err, &want)
	}
}

func TestNoBank(t *testing.T) {
	item := func(change func(*stats.Item)) stats.Bank {
		it := stats.Item{Name: "x", Model: stats.Graded, A: 1, B: []float64{-1, 1}}
		change(&it)
		return stats.Bank{SD: 1, Items: []stats.Item{{Model: stats.Rasch, A: 1, B: []float64{0}}, it}}
	}
	for _, tt := range []struct {
		bank stats.Bank
		want stats.Error
	}{
		{stats.Bank{SD: 1}, stats.Error{What: stats.Empty}},
		{stats.Bank{Items: []stats.Item{{Model: stats.Rasch, A: 1, B: []float64{0}}}}, stats.Error{What: stats.OutOfRange, Column: "SD"}},
		{item(func(it *stats.Item) { it.Name = "1" }), stats.Error{What: stats.Duplicate, Column: "1"}},
		{item(func(it *stats.Item) { it.Model = "3pl" }), stats.Error{What: stats.UnknownModel, Column: "x"}},
		{item(func(it *stats.Item) { it.A = 0 }), stats.Error{What: stats.OutOfRange, Column: "x"}},
		{item(func(it *stats.Item) { it.A = math.NaN() }), stats.Error{What: stats.OutOfRange, Column: "x"}},
		{item(func(it *stats.Item) { it.A = 1e300 }), stats.Error{What: stats.OutOfRange, Column: "x"}},
		{item(func(it *stats.Item) { it.B[0] = -1e300 }), stats.Error{What: stats.OutOfRange, Column: "x"}},
		{item(func(it *stats.Item) { it.B[1] = math.Inf(1) }), stats.Error{What: stats.OutOfRange, Column: "x"}},
		{item(func(it *stats.Item) { it.B[1] = -1 }), stats.Error{What: stats.Unordered, Column: "x"}},
		{item(func(it *stats.Item) { it.B = nil }), stats.Error{What: stats.Unpaired, Column: "x"}},
		{item(func(it *stats.Item) { it.Model = stats.TwoPL }), stats.Error{What: stats.Unpaired, Column: "x"}},
		{item(func(it *stats.Item) { it.Values = []float64{1, 2} }), stats.Error{What: stats.Unpaired, Column: "x"}},
		{item(func(it *stats.Item) { it.Model, it.B = stats.GPCM, make([]float64, stats.MaxCategories) }), stats.Error{What: stats.TooManyCategories, Column: "x"}},
	} {
		fails(t, tt.bank.Check(), tt.want)
		_, err := tt.bank.Scores(&stats.Answers{})
		fails(t, err, tt.want)
	}
	good := item(func(*stats.Item) {})
	if err := good.Check(); err != nil {
		t.Error(err)
	}
	_, err := good.Information([]float64{0, math.Inf(1)})
	fails(t, err, stats.Error{What: stats.NotFinite, Row: 2})
}

func TestAnswersOfABank(t *testing.T) {
	own := stats.Item{Name: "x", Model: stats.GPCM, A: 1, B: []float64{-1, 1}, Values: []float64{2, 4, 8}}
	bank := stats.Bank{SD: 1, Items: []stats.Item{own, {Model: stats.Rasch, A: 1, B: []float64{0}}}}
	got, err := bank.Answers(stats.Table{Names: []string{"2", "x"}, Rows: [][]float64{{1, 8}, {0, stats.Missing()}}})
	if err != nil || !slices.Equal(got.Of(0), []int8{2, 1}) || !slices.Equal(got.Of(1), []int8{-1, 0}) {
		t.Fatalf("%v, %v", got, err)
	}
	if got, err = bank.Answers(stats.Table{Names: []string{"2"}, Rows: [][]float64{{1}}}); err != nil || !slices.Equal(got.Of(0), []int8{-1, 1}) {
		t.Errorf("an item not presented: %v, %v", got, err)
	}
	for _, tt := range []struct {
		table stats.Table
		want  stats.Error
	}{
		{stats.Table{Names: []string{"x", "y"}, Rows: [][]float64{{2, 2}}}, stats.Error{What: stats.UnknownColumn, Column: "y"}},
		{stats.Table{Names: []string{"x", "x"}, Rows: [][]float64{{2, 2}}}, stats.Error{What: stats.Duplicate, Column: "x"}},
		{stats.Table{Names: []string{"x"}, Rows: [][]float64{{2}, {3}}}, stats.Error{What: stats.UnknownCategory, Row: 2, Column: "x"}},
		{stats.Table{}, stats.Error{What: stats.Empty}},
	} {
		_, err := bank.Answers(tt.table)
		fails(t, err, tt.want)
	}
	_, err = stats.Bank{SD: 1}.Answers(stats.Table{Names: []string{"x"}, Rows: [][]float64{{2}}})
	fails(t, err, stats.Error{What: stats.Empty})
	_, err = bank.Answers(stats.Table{Names: []string{"x"}, Rows: [][]float64{{2}}})
	if err != nil {
		t.Fatal(err)
	}
	other := stats.Bank{SD: 1, Items: []stats.Item{{Name: "x", Model: stats.Rasch, A: 1, B: []float64{0}}, {Model: stats.Rasch, A: 1, B: []float64{0}}}}
	_, err = other.Scores(got)
	if err != nil {
		t.Errorf("x missing: %v", err)
	}
	got, _ = bank.Answers(stats.Table{Names: []string{"x"}, Rows: [][]float64{{4}, {8}}})
	_, err = other.Scores(got)
	fails(t, err, stats.Error{What: stats.UnknownCategory, Row: 2, Column: "x"})
	other.Items = other.Items[:1]
	_, err = other.Scores(got)
	fails(t, err, stats.Error{What: stats.Unpaired, Row: 1})
}

// An item so steep, and an ability so far from it, that nothing is told there.
func TestScoresFarOut(t *testing.T) {
	bank := stats.Bank{SD: 1, Items: []stats.Item{{Model: stats.TwoPL, A: 300, B: []float64{0}}, {Model: stats.Graded, A: 200, B: []float64{-5, 5}}}}
	for _, pattern := range [][]any{{0.0, 0.0}, {1.0, 2.0}, {0.0, 2.0}, {1.0, 0.0}, {0.0, 1.0}} {
		s := scoreOne(t, bank, pattern)
		for _, x := range []*float64{&s.EAP[0], &s.EAPSE[0], &s.MAP[0], &s.MAPSE[0], s.WLE[0], s.WLESE[0], s.ML[0], s.MLSE[0]} {
			if x != nil && (math.IsNaN(*x) || math.IsInf(*x, 0)) {
				t.Errorf("%v: %+v", pattern, s)
			}
		}
	}
}

// A right answer to an item that everybody in reach is sure of tells nothing.
func TestScoresOfNothingTold(t *testing.T) {
	s := scoreOne(t, stats.Bank{SD: 1, Items: []stats.Item{{Model: stats.TwoPL, A: 1e4, B: []float64{-7}}}}, []any{1.0})
	if s.WLE[0] != nil || s.WLESE[0] != nil || s.ML[0] != nil || math.Abs(s.EAP[0]) > 1e-12 || s.MAP[0] != 0 || s.MAPSE[0] != 1 {
		t.Errorf("%+v", s)
	}
}

// A thousand persons with sixty items, in all four ways.
func BenchmarkScores(b *testing.B) {
	bank := stats.Bank{SD: 1}
	tab := stats.Table{Rows: make([][]float64, 1000)}
	r := rand.New(rand.NewPCG(1, 2))
	for j := range 60 {
		bank.Items = append(bank.Items, stats.Item{Model: stats.TwoPL, A: 0.6 + r.Float64(), B: []float64{r.NormFloat64()}})
		tab.Names = append(tab.Names, strconv.Itoa(j+1))
	}
	for i := range tab.Rows {
		theta := r.NormFloat64()
		for j := range bank.Items {
			x := 0.0
			if r.Float64() < bank.Items[j].P(theta, nil)[1] {
				x = 1
			}
			tab.Rows[i] = append(tab.Rows[i], x)
		}
	}
	answers, err := bank.Answers(tab)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := bank.Scores(answers); err != nil {
			b.Fatal(err)
		}
	}
}
