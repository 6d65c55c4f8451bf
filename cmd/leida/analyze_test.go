package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"leida/internal/exchange/irt"
	"leida/internal/stats"
	"leida/internal/text"
)

// psych is where the vectors of the measurement science are: in place, or the copy of those that may be copied.
func psych(t *testing.T) string {
	t.Helper()
	const whole = "../../../shared/vectors/psych"
	if _, err := os.Stat(whole); err == nil {
		return whole
	}
	return "../../internal/stats/testdata/psych"
}

// psychVector is a case of the vectors.
func psychVector(t *testing.T, topic, id string) (input, expected map[string]json.RawMessage) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(psych(t), topic+".json"))
	if err != nil {
		t.Skip("these vectors may not be copied: ", err)
	}
	var all []struct {
		ID              string
		Input, Expected map[string]json.RawMessage
	}
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	for _, v := range all {
		if v.ID == id {
			return v.Input, v.Expected
		}
	}
	if strings.Contains(psych(t), "shared") {
		t.Fatal("no vector ", id)
	}
	t.Skip(id, " may not be copied")
	return nil, nil
}

// sheet writes a file of numbers, columns named c1, c2 ...; nil is an empty cell.
func sheet(t *testing.T, rows [][]*float64, transpose bool) string {
	t.Helper()
	if transpose {
		turned := make([][]*float64, len(rows[0]))
		for j := range turned {
			for i := range rows {
				turned[j] = append(turned[j], rows[i][j])
			}
		}
		rows = turned
	}
	var lines []string
	var head []string
	for j := range rows[0] {
		head = append(head, fmt.Sprintf("c%d", j+1))
	}
	lines = append(lines, strings.Join(head, ","))
	for _, row := range rows {
		var cells []string
		for _, x := range row {
			if x == nil {
				cells = append(cells, "")
			} else {
				cells = append(cells, strconv.FormatFloat(*x, 'g', -1, 64))
			}
		}
		lines = append(lines, strings.Join(cells, ","))
	}
	name := filepath.Join(t.TempDir(), "sheet.csv")
	if err := os.WriteFile(name, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// The command gives what published and independent programs give, under the keys of the vectors and to the last digits.
func TestAnalyzeVectors(t *testing.T) {
	data := filepath.Join(psych(t), "data")
	matrix := func(topic, id, field string, transpose bool) func(t *testing.T) string {
		return func(t *testing.T) string {
			input, _ := psychVector(t, topic, id)
			var rows [][]*float64
			if err := json.Unmarshal(input[field], &rows); err != nil {
				t.Fatal(err)
			}
			return sheet(t, rows, transpose)
		}
	}
	file := func(name string) func(t *testing.T) string {
		return func(*testing.T) string { return filepath.Join(data, name) }
	}
	pairs := func(t *testing.T) string {
		input, _ := psychVector(t, "agreement_ccc", "ccc_pefr_large")
		var x, y []*float64
		if json.Unmarshal(input["x"], &x) != nil || json.Unmarshal(input["y"], &y) != nil {
			t.Fatal("no pairs")
		}
		return sheet(t, [][]*float64{x, y}, true)
	}
	crossed := func(t *testing.T) string {
		input, _ := psychVector(t, "rater_kappa", "kappa_COHEN68")
		var table [][]int
		if err := json.Unmarshal(input["table"], &table); err != nil {
			t.Fatal(err)
		}
		var rows [][]*float64
		for i, row := range table {
			for j, n := range row {
				x, y := float64(i), float64(j)
				for range n {
					rows = append(rows, []*float64{&x, &y})
				}
			}
		}
		return sheet(t, rows, false)
	}
	for _, tt := range []struct {
		topic, id string
		args      string
		file      func(t *testing.T) string
		keys      string // of expected, which must be met; a dot leads on
		tol       float64
	}{
		{"ctt", "ctt_LSAT7", "items", file("ctt_lsat7.csv"), "item_mean corrected_item_total_r alpha_if_deleted item_sd_n1", 1e-8},
		{"ctt", "ctt_TEAM12", "reliability", file("ctt_team12.csv"), "alpha alpha_feldt_ci95 SEM total_sd_n1 guttman_lambda6", 1e-8},
		{"icc", "icc_SF79", "agreement --method icc", matrix("icc", "icc_SF79", "ratings", false), "ICC MS.MSB", 1e-5},
		{"rater_krippendorff", "kripp_2011", "agreement --method krippendorff --level ordinal", matrix("rater_krippendorff", "kripp_2011", "ratings", true), "nominal ordinal interval ratio", 1e-6},
		{"rater_kappa", "kappa_COHEN68", "agreement --method kappa --weights quadratic", crossed, "unweighted linear quadratic", 1e-6},
		{"agreement_ccc", "ccc_pefr_large", "agreement --method ccc", pairs, "ccc_lin1989_n ci95 rmse mean_bias", 1e-8},
		{"irt_2pl", "2pl_LSAT7", "irt --model 2pl", file("lsat7.csv"), "logLik a b SE_a SE_d", 5e-3},
		{"irt_rasch", "rasch_SIMA", "irt --model rasch", file("sima.csv"), "logLik_mml b_mml theta_var_mml", 1e-2},
		{"irt_poly", "graded_BFI_C", "irt --model grm", file("bfi_c.csv"), "logLik", 2e-2},
		{"irt_poly", "gpcm_BFI_C", "irt --model gpcm", file("bfi_c.csv"), "logLik", 2e-2},
		{"dif_mh", "mh_dev", "dif --group group", file("dif_mh.csv"), "items", 1e-6},
		{"standard_setting", "std_dev", "angoff", matrix("standard_setting", "std_dev", "angoff", false), "angoff_cut angoff_judge_totals angoff_sd angoff_se angoff_percent", 1e-8},
		{"sdt", "reliance_dev", "reliance --skip case", file("reliance.csv"), "RAIR RSR overreliance underreliance acc_initial acc_final switch_fraction", 1e-12},
	} {
		t.Run(tt.topic+"/"+tt.id, func(t *testing.T) {
			_, expected := psychVector(t, tt.topic, tt.id)
			name := tt.file(t)
			if _, err := os.Stat(name); err != nil {
				t.Fatal(err)
			}
			args := strings.Fields(tt.args)
			r := invoke("", append([]string{"analyze", args[0], name, "--json"}, args[1:]...)...)
			if r.code != exitOK {
				t.Fatal(r)
			}
			var got map[string]json.RawMessage
			if err := json.Unmarshal([]byte(r.out), &got); err != nil {
				t.Fatal(err, r.out)
			}
			for _, key := range strings.Fields(tt.keys) {
				outer, inner, deeper := strings.Cut(key, ".")
				g, w := got[outer], expected[outer]
				if deeper {
					g, w = member(t, g, inner), member(t, w, inner)
				}
				like(t, key, tree(t, g), tree(t, w), tt.tol)
			}
			human := invoke("", append([]string{"analyze", args[0], name, "--lang", "en"}, args[1:]...)...)
			if human.code != exitOK || len(strings.Split(human.out, "\n")) < 2 || strings.Contains(human.out, "NaN") || strings.Contains(human.out, "!") {
				t.Errorf("the table is\n%s%s", human.out, human.err)
			}
		})
	}
}

func member(t *testing.T, raw json.RawMessage, key string) json.RawMessage {
	t.Helper()
	var m map[string]json.RawMessage
	if err := json.Unmarshal(raw, &m); err != nil {
		t.Fatal(err)
	}
	return m[key]
}

func tree(t *testing.T, raw json.RawMessage) any {
	t.Helper()
	var v any
	if raw == nil {
		return nil
	}
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// like compares what is expected with what is there; more may be there.
func like(t *testing.T, path string, got, want any, tol float64) {
	t.Helper()
	switch w := want.(type) {
	case float64:
		if g, ok := got.(float64); !ok || math.Abs(g-w) > tol {
			t.Errorf("%s: got %v, want %v", path, got, w)
		}
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			t.Errorf("%s: got %v, want %v", path, got, w)
			return
		}
		for i := range w {
			like(t, fmt.Sprintf("%s[%d]", path, i), g[i], w[i], tol)
		}
	case map[string]any:
		g, _ := got.(map[string]any)
		for k := range w {
			like(t, path+"."+k, g[k], w[k], tol)
		}
	default:
		if got != want {
			t.Errorf("%s: got %v, want %v", path, got, want)
		}
	}
}

// A bank that was calibrated scores the persons it came from, and an adaptive test is replayed as the vector has it.
func TestAnalyzeBankFiles(t *testing.T) {
	dir := t.TempDir()
	bank, persons := filepath.Join(dir, "bank.yaml"), filepath.Join(dir, "persons.csv")
	answers := filepath.Join(psych(t), "data", "lsat7.csv")
	if _, err := os.Stat(answers); err != nil {
		t.Fatal(err)
	}
	if r := invoke("", "analyze", "irt", answers, "--model", "2pl", "--bank", bank, "--persons", persons); r.code != exitOK {
		t.Fatal(r)
	}
	r := invoke("", "analyze", "score", answers, "--bank", bank, "--json")
	var scores struct{ EAP []float64 }
	if err := json.Unmarshal([]byte(r.out), &scores); err != nil || len(scores.EAP) != 1000 {
		t.Fatal(err, r)
	}
	f, err := os.Open(persons)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil || len(rows) != 1001 {
		t.Fatal(err, len(rows))
	}
	for i, row := range rows[1:] {
		if x, err := strconv.ParseFloat(row[1], 64); err != nil || math.Abs(x-scores.EAP[i]) > 1e-12 || row[0] != strconv.Itoa(i+2) {
			t.Fatalf("person %d: %v, %g", i, row, scores.EAP[i])
		}
	}
	for _, method := range []string{"eap", "map", "wle"} {
		if r := invoke("", "analyze", "score", answers, "--bank", bank, "--method", method); r.code != exitOK || len(strings.Split(strings.TrimSpace(r.out), "\n")) != 1001 {
			t.Errorf("%s: %+v", method, r)
		}
	}
	if r := invoke("", "analyze", "score", filepath.Join(psych(t), "data", "sima.csv"), "--bank", bank); r.code != exitFailure || r.err == "" {
		t.Errorf("answers to other items are scored: %+v", r)
	}
}

func TestAnalyzeCAT(t *testing.T) {
	input, expected := psychVector(t, "cat", "cat_mfi_dev_theta0.3")
	var in struct {
		BankFile  string `json:"bank_file"`
		Responses string
	}
	raw, _ := json.Marshal(input)
	if err := json.Unmarshal(raw, &in); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(filepath.Join(psych(t), in.BankFile))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	b := stats.Bank{SD: 1}
	var head, cells []string
	for i, row := range rows[1:] {
		a, _ := strconv.ParseFloat(row[1], 64)
		d, _ := strconv.ParseFloat(row[2], 64)
		b.Items = append(b.Items, stats.Item{Name: row[0], Model: stats.TwoPL, A: a, B: []float64{d}, Group: row[slices.Index(rows[0], "dim")]})
		head, cells = append(head, row[0]), append(cells, in.Responses[i:i+1])
	}
	dir := t.TempDir()
	bank, answers := filepath.Join(dir, "bank.yaml"), filepath.Join(dir, "answers.csv")
	y, err := irt.Write(b)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(bank, y, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(answers, []byte(strings.Join(head, ",")+"\n"+strings.Join(cells, ",")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := invoke("", "analyze", "cat", "--bank", bank, "--answers", answers, "--json")
	var got []map[string]json.RawMessage
	if err := json.Unmarshal([]byte(r.out), &got); err != nil || len(got) != 1 {
		t.Fatal(err, r)
	}
	for key, want := range expected {
		like(t, key, tree(t, got[0][key]), tree(t, want), 1e-3)
	}
	if r := invoke("", "analyze", "cat", "--bank", bank, "--answers", answers, "--most", "3", "--lang", "en"); r.code != exitOK || !strings.Contains(r.out, "3 items") {
		t.Errorf("%+v", r)
	}
	if err := os.WriteFile(answers, []byte(strings.Join(head[:3], ",")+"\n1,0,1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if r := invoke("", "analyze", "cat", "--bank", bank, "--answers", answers, "--lang", "en"); r.code != exitFailure || !strings.Contains(r.err, "replayed") {
		t.Errorf("answers are missing, and %+v", r)
	}
}

// Bad input is told with line and column, in both languages, with status 1 and nothing on standard output.
func TestAnalyzeBadInput(t *testing.T) {
	long := "a,b,c\n" + strings.Repeat("1,0,1\n0,1,1\n", 3)
	for name, x := range map[string]struct{ args, raw, zh, en string }{
		"a word":          {"items", "a,b\n1,0\n0,x\n", "第 3 行 b 列", "line 3, column b"},
		"no data":         {"items", "a,b\n", "没有数据", "no data"},
		"an empty file":   {"items", "", "空文件", "empty"},
		"all missing":     {"items", "a,b\n1,\n0,\n", "b 列全是空的", "column b is empty"},
		"a constant":      {"irt --model 2pl", long, "c 列全是同一个值", "column c has one value"},
		"one person":      {"agreement --method icc", "a,b\n1,2\n", "至少要 2 行", "2 are needed"},
		"one rater":       {"agreement --method icc", "a\n1\n2\n", "至少要 2 列", "2 are needed"},
		"a gap":           {"agreement --method icc", "a,b\n1,2\n2,\n3,1\n", "第 3 行 b 列是空的", "line 3, column b is empty"},
		"three raters":    {"agreement --method kappa", "a,b,c\n1,2,1\n", "kappa 要两列", "wants two columns"},
		"not converged":   {"irt --model 2pl --most 2", "a,b,c\n1,0,1\n0,1,1\n1,1,0\n0,0,0\n1,1,1\n0,1,0\n1,0,0\n0,0,1\n1,1,0\n", "没有收敛", "not converged"},
		"categories":      {"irt --model 2pl", "a,b,c\n1,0,1\n2,1,0\n0,1,1\n1,1,0\n", "a 列", "column a"},
		"no group column": {"dif --group sex", "a,b\n1,0\n", "没有 sex 列", "no column sex"},
		"three groups":    {"dif --group g", "g,a\nx,1\ny,0\nz,1\n", "两个以上", "more than two"},
		"one group":       {"dif --group g", "g,a\nx,1\nx,0\n", "只有一个值", "one value only"},
		"no such group":   {"dif --group g --focal q", "g,a\nx,1\ny,0\n", "没有 q 组", "no group q"},
		"shares":          {"angoff", "a,b\n0.5,1.2\n", "b", "b"},
		"no columns":      {"reliance", "truth,initial\na,b\n", "没有 advice 列", "no column advice"},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "x.csv")
			if err := os.WriteFile(file, []byte(x.raw), 0o600); err != nil {
				t.Fatal(err)
			}
			args := strings.Fields(x.args)
			for lang, want := range map[string]string{"zh": x.zh, "en": x.en} {
				for _, more := range [][]string{nil, {"--json"}} {
					r := invoke("", slices.Concat([]string{"analyze", args[0], file, "--lang", lang}, args[1:], more)...)
					if r.code != exitFailure || r.out != "" || !strings.Contains(r.err, want) {
						t.Errorf("%+v, want %q", r, want)
					}
				}
			}
		})
	}
}

// analyze bank says of the demonstration what its page says.
func TestAnalyzeBank(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("fills a demonstration, in one goroutine")
	}
	data := t.TempDir()
	if r := invoke("", "demo", "--data", data); r.code != exitOK {
		t.Fatal(r)
	}
	r := invoke("", "analyze", "bank", "--data", data, "--json")
	var lines []bankLine
	if err := json.Unmarshal([]byte(r.out), &lines); err != nil || len(lines) < 60 {
		t.Fatal(err, len(lines), r.err)
	}
	for _, x := range lines {
		if x.Answers == 0 || x.Mean == nil || x.Mean.Value < 0.2 || x.Mean.Value > 0.95 {
			t.Errorf("%+v", x)
		}
	}
	if r := invoke("", "analyze", "bank", "--data", data, "--lang", "zh"); r.code != exitOK || !strings.Contains(r.out, "作答数") {
		t.Errorf("%+v", r)
	}
}

// Every way in which stats may refuse has a sentence that says what to do.
func TestEveryRefusalIsTold(t *testing.T) {
	raw, err := os.ReadFile("../../internal/stats/table.go")
	if err != nil {
		t.Fatal(err)
	}
	all := regexp.MustCompile(`What = "([a-z_]+)"`).FindAllStringSubmatch(string(raw), -1)
	if len(all) < 15 {
		t.Fatal(all)
	}
	for _, m := range all {
		if !text.Has("analyze.error." + m[1]) {
			t.Errorf("no message analyze.error.%s", m[1])
		}
	}
}
