package assessment_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"leida/internal/assessment"
	"leida/internal/text"
)

// The rows Y01-Y24 of trust/badinputs.csv. What waits for a feature that is not built is listed in its row as later.
func TestBadInputs(t *testing.T) {
	later := map[string]string{}
	row := func(id string, run func(t *testing.T)) { t.Run(id, run) }
	refuse := func(t *testing.T, src string, want ...string) {
		t.Helper()
		it, report := assessment.ParseItem("x.yaml", []byte(src), model())
		if it != nil {
			t.Errorf("taken:\n%s", src)
		}
		wantSaid(t, errorsOf(report), want...)
	}
	args := func(t *testing.T, src string, line, column int) map[string]any {
		t.Helper()
		_, report := assessment.ParseItem("x.yaml", []byte(src), model())
		for _, f := range report {
			if f.Line == line && f.Column == column {
				return f.Args
			}
		}
		t.Errorf("nothing is said at %d:%d:\n%s", line, column, written(report))
		return nil
	}

	row("Y01", func(t *testing.T) {
		for _, empty := range []string{"", " \n\n", "\xef\xbb\xbf", "# nothing yet\n"} {
			lib, report := load(map[string]string{"empty.yaml": empty, "x.yaml": sound})
			if lib != nil {
				t.Errorf("%q: taken", empty)
			}
			wantSaid(t, errorsOf(report), "empty.yaml yaml.empty")
		}
		_, report := load(map[string]string{"empty.yaml": "", "y.yaml": edit(sound, 7, "level: 9")})
		wantSaid(t, errorsOf(report), "empty.yaml yaml.empty", "y.yaml:7:8 define.whole") // the others are read all the same
	})
	row("Y02", func(t *testing.T) {
		refuse(t, edit(sound, 14, "\t- {id: c, zh: \"丙\"}"), "x.yaml:14:1 yaml.tab")
		refuse(t, edit(sound, 7, "\tlevel: 3"), "x.yaml:7:1 yaml.tab")
		_, report := assessment.ParseItem("x.yaml", []byte(edit(sound, 7, "\tlevel: 3")), model())
		if report[0].Source != "\tlevel: 3" || !strings.Contains(written(report), "level: 3") {
			t.Errorf("the line is not quoted: %+v", report)
		}
		refuse(t, edit(sound, 9, "title: {zh: @题}"), "x.yaml:9:13 yaml.character")
	})
	row("Y03", func(t *testing.T) {
		src := edit(sound, 11, "optoins:")
		refuse(t, src, "x.yaml:1:1 define.count", "x.yaml:1:1 single_choice.keys", "x.yaml:11:1 yaml.unknown_near")
		if a := args(t, src, 11, 1); a["near"] != "options" || a["name"] != "optoins" {
			t.Errorf("%v", a)
		}
		refuse(t, edit(sound, 13, `  - {id: b, zh: "乙", creditt: 0.5}`), "x.yaml:13:22 yaml.unknown_near")
		refuse(t, edit(sound, 0, "nothing_like_it: 1"), "x.yaml:16:1 yaml.unknown")
		refuse(t, edit(sound, 9, `title: {zh: "题", fr: "t"}`), "x.yaml:9:18 yaml.unknown")
		_, report := load(map[string]string{"f.yaml": edit(form, 6, "secions:"), "x.yaml": single("x-1", "live", "practice", "AIC.1")})
		wantSaid(t, errorsOf(report), "f.yaml:1:1 define.count", "f.yaml:6:1 yaml.unknown_near")
	})
	row("Y04", func(t *testing.T) {
		src := edit(sound, 4, "id: y-2")
		refuse(t, src, "x.yaml:1:1 define.one_of", "x.yaml:4:1 yaml.twice")
		if a := args(t, src, 4, 1); a["line"] != 2 || a["column"] != 1 || a["name"] != "id" {
			t.Errorf("%v", a)
		}
		src = edit(sound, 13, `  - {id: b, zh: "乙", id: c}`)
		if a := args(t, src, 13, 22); a["line"] != 13 || a["column"] != 6 {
			t.Errorf("%v", a)
		}
	})
	row("Y05", func(t *testing.T) {
		_, report := load(map[string]string{"a/one.yaml": sound, "b/two.yaml": "# a copy\n" + sound})
		wantSaid(t, errorsOf(report), "b/two.yaml:3:5 define.id_in_two")
		if f := errorsOf(report)[0]; f.Args["file"] != "a/one.yaml" || f.Args["line"] != 2 || f.Args["column"] != 5 {
			t.Errorf("%v", f.Args)
		}
		_, report = load(map[string]string{"a.yaml": form, "b.yaml": form, "x.yaml": single("x-1", "live", "practice", "AIC.1")})
		if got := said(errorsOf(report)); !slices.Contains(got, "b.yaml:2:5 define.id_in_two") {
			t.Errorf("%v", got)
		}
		refuse(t, edit(sound, 13, `  - {id: a, zh: "乙"}`), "x.yaml:13:10 define.repeated")
		// without an id nothing is a copy of anything
		_, report = load(map[string]string{"a.yaml": edit(form, 2, "# id"), "b.yaml": edit(form, 2, "# id")})
		wantSaid(t, errorsOf(report), "a.yaml:1:1 item.id", "b.yaml:1:1 item.id")
	})
	row("Y06", func(t *testing.T) {
		none, two := edit(sound, 12, `  - {id: a, zh: "甲"}`), edit(sound, 13, `  - {id: b, zh: "乙", credit: 1}`)
		refuse(t, none, "x.yaml:11:1 single_choice.keys")
		refuse(t, two, "x.yaml:11:1 single_choice.keys")
		if a, b := args(t, none, 11, 1)["n"], args(t, two, 11, 1)["n"]; a != 0 || b != 2 {
			t.Errorf("found %v and %v", a, b)
		}
	})
	row("Y07", func(t *testing.T) {
		all := strings.ReplaceAll(strings.Replace(sound, "single_choice", "multiple_choice", 1), `"}`, `", why: {zh: "因"}, key: true}`)
		all = strings.Replace(strings.Replace(all, `"题", why: {zh: "因"}, key: true`, `"题"`, 1), `"问", why: {zh: "因"}, key: true`, `"问"`, 1)
		all = strings.Replace(all, `"甲", key: true}`, `"甲", why: {zh: "因"}, key: true}`, 1)
		it, report := assessment.ParseItem("x.yaml", []byte(all), model())
		if it == nil {
			t.Error("refused")
		}
		wantSaid(t, report, "[x.yaml:11:1 multiple_choice.all_keys]")
	})
	row("Y08", func(t *testing.T) {
		for w, want := range map[string]string{"-1": "define.weight", "0": "define.weight", "1.5": "define.weight", "1e309": "yaml.want_number", ".nan": "yaml.not_finite", ".inf": "yaml.not_finite", "-.inf": "yaml.not_finite",
			"nan": "yaml.want_number", "NaN": "yaml.want_number", "inf": "yaml.want_number", "Infinity": "yaml.want_number", "+Inf": "yaml.want_number", ".x": "yaml.want_number", ".": "yaml.want_number",
			"0x1p-1": "yaml.want_number", "1_0": "yaml.want_number", `"0.5"`: "yaml.want_number", "1,5": "yaml.flow", "half": "yaml.want_number"} {
			at, credit := "x.yaml:6:28 ", "x.yaml:13:30 "
			if want == "yaml.flow" {
				continue // a comma inside braces ends the entry: said of its own line below
			}
			_, report := assessment.ParseItem("x.yaml", []byte(edit(sound, 6, "measures: [{sub: AIC.1, w: "+w+"}]")), model())
			if got := said(errorsOf(report)); !slices.Equal(got, []string{at + want}) {
				t.Errorf("w: %s: %v", w, got)
			}
			wantReadable(t, report)
			it, report := assessment.ParseItem("x.yaml", []byte(edit(sound, 13, `  - {id: b, zh: "乙", credit: `+w+`}`)), model())
			if want == "define.weight" {
				want = "define.range"
			}
			if w == "0" {
				continue // no credit at all is a credit
			}
			if it != nil {
				t.Errorf("credit: %s is taken", w)
			}
			wantSaid(t, errorsOf(report), credit+want)
		}
		refuse(t, edit(sound, 13, `  - {id: b, zh: "乙", credit: 1,5}`), "x.yaml:11:1 single_choice.keys", "x.yaml:13:32 yaml.unknown", "x.yaml:13:33 yaml.null")
		for _, w := range []string{"nan", ".inf", "101", "-1"} {
			_, report := load(map[string]string{"f.yaml": edit(form, 8, "cut: {total: "+w+"}"), "x.yaml": single("x-1", "live", "practice", "AIC.1")})
			if got := said(errorsOf(report)); !slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, "f.yaml:8:14 ") }) {
				t.Errorf("cut %s: %v", w, got)
			}
		}
		raw, err := os.ReadFile("../item/testdata/constructed/plain.yaml")
		if err != nil {
			t.Fatal(err)
		}
		for w, want := range map[string]string{"-1": "define.weight", "0": "define.weight", "1e309": "yaml.want_number", ".nan": "yaml.not_finite", ".inf": "yaml.not_finite", "nan": "yaml.want_number"} {
			refuse(t, strings.Replace(string(raw), "w: 0.351", "w: "+w, 1), "x.yaml:17:8 "+want) // of a criterion
		}
	})
	row("Y09", func(t *testing.T) {
		two := edit(sound, 6, "measures: [{sub: AIC.1, w: 0.9}, {sub: AIC.2, w: 0.07}]")
		refuse(t, two, "x.yaml:6:1 define.sum")
		if a := args(t, two, 6, 1); a["got"] != 0.97 {
			t.Errorf("%v", a)
		}
		refuse(t, edit(sound, 6, "measures: [{sub: AIC.1, w: 0}]"), "x.yaml:6:28 define.weight")
		refuse(t, edit(sound, 6, "measures: []"), "x.yaml:6:1 define.required")
		m := string(modelYAML())
		for _, tt := range []struct{ old, new, key string }{{"weight: 0.30", "weight: 0.27", "define.sum"}, {"weight: 0.30", "weight: 0", "define.weight"}, {"weight: 0.25", "weight: 0.22", "define.sum"}} {
			_, report := assessment.Load(fstest.MapFS{"m.yaml": {Data: []byte(strings.Replace(m, tt.old, tt.new, 1))}}, nil, nil)
			if got := errorsOf(report); len(got) != 1 || got[0].Key != tt.key || got[0].Line == 0 {
				t.Errorf("%s instead of %s: %v", tt.new, tt.old, said(got))
			}
			wantReadable(t, report)
		}
	})
	row("Y10", func(t *testing.T) {
		src := edit(sound, 6, "measures: [{sub: AIC.9, w: 1}]")
		refuse(t, src, "x.yaml:6:18 model.unknown_near")
		a := args(t, src, 6, 18)
		if known := a["known"].([]string); len(known) != 15 || known[0] != "AIC.1" || !strings.HasPrefix(a["near"].(string), "AIC.") {
			t.Errorf("%v", a)
		}
		refuse(t, edit(sound, 6, "measures: [{sub: AIC, w: 1}]"), "x.yaml:6:18 model.unknown_near") // a capability is no sub-competency
		refuse(t, edit(sound, 6, "measures: [{sub: WARMTH, w: 1}]"), "x.yaml:6:18 model.unknown")
		_, report := load(map[string]string{"f.yaml": edit(form, 7, "  - {domain: AIC.9, weight: 1, draw: [{type: single_choice, n: 1}]}")})
		wantSaid(t, errorsOf(report), "f.yaml:7:14 model.unknown_near")
	})
	row("Y11", func(t *testing.T) {
		for limit, want := range map[string]string{"0": "define.time_limit", "-5": "define.time_limit", "3m": "define.time_limit", "9": "define.time_limit", "86401": "define.time_limit", "1e9": "define.time_limit", "60.5": "define.time_limit", `"60"`: "define.time_limit",
			"null": "yaml.null", "~": "yaml.null", "": "yaml.null", "99999999999999999999": "define.time_limit", "[60]": "yaml.want_whole"} {
			_, report := assessment.ParseItem("x.yaml", []byte(edit(sound, 4, "status: draft\ntime_limit_s: "+limit)), model())
			got := errorsOf(report)
			if len(got) != 1 || got[0].Line != 5 || got[0].Key != want {
				t.Errorf("time_limit_s: %s: %v", limit, said(got))
			}
			wantReadable(t, report)
		}
		for _, limit := range []string{"10", "86400"} {
			parse(t, edit(sound, 0, "time_limit_s: "+limit))
		}
	})
	row("Y12", func(t *testing.T) {
		live := single("x-1", "live", "practice", "AIC.1")
		_, report := load(map[string]string{"f.yaml": edit(form, 8, "cut: {total: 70, floor: 71}"), "x.yaml": live})
		wantSaid(t, errorsOf(report), "f.yaml:8:25 assessment.floor")
		if f := errorsOf(report)[0]; f.Args["floor"] != 71.0 || f.Args["total"] != 70.0 {
			t.Errorf("%v", f.Args)
		}
		_, report = load(map[string]string{"f.yaml": edit(form, 8, "cut: {total: 100.5, floor: -1}"), "x.yaml": live})
		wantSaid(t, errorsOf(report), "f.yaml:8:14 define.range", "f.yaml:8:28 define.range")
		m := strings.Replace(string(modelYAML()), "cut: 60", "cut: 40", 1)
		_, report = assessment.Load(fstest.MapFS{"m.yaml": {Data: []byte(m)}}, nil, nil)
		if got := errorsOf(report); len(got) != 1 || got[0].Key != "model.cuts_unordered" || got[0].Args["got"] != 40.0 || got[0].Args["before"] != 40.0 || !strings.Contains(got[0].Source, "cut: 40") {
			t.Errorf("%v", said(got))
		}
		_, report = load(map[string]string{"f.yaml": edit(form, 8, "cut: {total: 70, floor: 70}"), "x.yaml": live})
		wantSaid(t, errorsOf(report))
	})
	row("Y13", func(t *testing.T) {
		for v, want := range map[string]string{"1.10": "yaml.want_whole", "1.0": "yaml.want_whole", "0": "define.whole", `"1"`: "yaml.want_whole", "-1": "define.whole", "99999999999999999999": "yaml.want_whole", "1e3": "yaml.want_whole",
			"01": "yaml.want_whole", "0x1": "yaml.want_whole", "+1": "yaml.want_whole", "1_0": "yaml.want_whole", "1000001": "define.whole", "one": "yaml.want_whole", "true": "yaml.want_whole"} {
			refuse(t, edit(sound, 3, "version: "+v), "x.yaml:3:10 "+want)
		}
		refuse(t, edit(sound, 3, "# version"), "x.yaml:1:1 define.whole")
		if it := parse(t, edit(sound, 3, "version: 1000000")); it.Version != 1_000_000 {
			t.Error(it.Version)
		}
	})
	row("Y14", func(t *testing.T) {
		// YAML 1.2: only true and false are truths, and a text is what is written
		src := sound
		for i, id := range []string{"no", "012", "1_000", "1.10"} {
			src = edit(src, 12+i, fmt.Sprintf("  - {id: %s, zh: on, key: %t}", id, i == 0))
		}
		it := parse(t, src)
		var ids []string
		for _, c := range []string{"no", "012", "1_000", "1.10"} {
			if a, err := it.Body.Parse(plain, form1(t, "choice", c)); err != nil {
				t.Errorf("%s: %v", c, err)
			} else {
				ids = append(ids, fmt.Sprintf("%+v", a))
			}
		}
		if fmt.Sprint(ids) != "[{Choice:no} {Choice:012} {Choice:1_000} {Choice:1.10}]" {
			t.Error(ids)
		}
		for _, yes := range []string{"yes", "on", "True", "1", `"true"`} {
			refuse(t, edit(sound, 12, `  - {id: a, zh: "甲", key: `+yes+`}`), "x.yaml:11:1 single_choice.keys", "x.yaml:12:27 yaml.want_bool")
		}
		refuse(t, edit(sound, 12, `  - {id: null, zh: "甲", key: true}`), "x.yaml:12:10 yaml.null")
		refuse(t, edit(sound, 7, "level: 03"), "x.yaml:7:8 yaml.want_whole")
		refuse(t, edit(sound, 9, "title: 题"), "x.yaml:9:8 yaml.want_mapping")
		refuse(t, edit(sound, 8, "use: practice"), "x.yaml:8:6 yaml.want_list")
		refuse(t, edit(sound, 9, "title: {zh: [题]}"), "x.yaml:9:13 yaml.want_text")
	})
	row("Y15", func(t *testing.T) {
		bomb := "a: &a [x,x,x,x,x,x,x,x,x]\n"
		for c := 'b'; c <= 'k'; c++ {
			p := string(c - 1)
			bomb += fmt.Sprintf("%c: &%c [%s]\n", c, c, strings.TrimSuffix(strings.Repeat("*"+p+",", 9), ","))
		}
		for name, src := range map[string]string{"billion laughs": sound + bomb, "quadratic": sound + "a: &a [" + strings.Repeat("x,", 20_000) + "x]\nb: [" + strings.Repeat("*a,", 20_000) + "*a]\n"} {
			var report assessment.Report
			n := allocated(func() { _, report = assessment.ParseItem("x.yaml", []byte(src), model()) })
			if got := errorsOf(report); len(got) == 0 || !slices.ContainsFunc(got, func(f assessment.Finding) bool { return f.Key == "yaml.aliases" }) {
				t.Errorf("%s: %v", name, said(got))
			}
			wantReadable(t, report)
			if n > 20<<20 { // the time is not measured: a busy machine takes what it takes
				t.Errorf("%s: %d MiB allocated", name, n>>20)
			}
			t.Logf("%s: %d KiB allocated", name, n>>10)
		}
		refuse(t, sound+"a: &a [*a]\n", "x.yaml:16:4 yaml.aliases")
		refuse(t, edit(sound, 9, "title: *t"), "x.yaml:9:8 yaml.anchor")
		// an anchor used with measure is plain YAML
		it := parse(t, edit(edit(sound, 9, "title: &t {zh: 题}"), 10, "prompt: *t"))
		if it.Prompt.ZH != "题" || it.Hash != parse(t, edit(edit(sound, 9, "title: {zh: 题}"), 10, "prompt: {zh: 题}")).Hash {
			t.Errorf("%+v", it)
		}
	})
	row("Y16", func(t *testing.T) {
		for name, src := range map[string]string{
			"flow": sound + "deep: " + strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000) + "\n", "open": sound + "deep: " + strings.Repeat("[", 10_000),
			"maps": sound + "deep: " + strings.Repeat("{a: ", 10_000) + "1" + strings.Repeat("}", 10_000) + "\n", "dashes": strings.Repeat("- ", 10_000) + "a\n",
			"block": "a:\n" + func() string {
				var b strings.Builder
				for i := range 1000 {
					fmt.Fprintf(&b, "%*sa:\n", i+1, "")
				}
				return b.String()
			}(),
		} {
			var report assessment.Report
			n := allocated(func() { _, report = assessment.ParseItem("x.yaml", []byte(src), model()) })
			if got := errorsOf(report); len(got) != 1 || got[0].Key != "yaml.deep" || got[0].Args["max"] != assessment.MaxDepth {
				t.Errorf("%s: %v", name, said(got))
			}
			wantReadable(t, report)
			if n > 64<<20 {
				t.Errorf("%s: %d MiB allocated", name, n>>20)
			}
		}
		var report assessment.Report
		huge := map[string]string{"x.yaml": sound, "big.yaml": sound + strings.Repeat("#", 20<<20)}
		n := allocated(func() { _, report = load(huge) })
		wantSaid(t, errorsOf(report), "big.yaml yaml.too_big")
		if n > 64<<20 {
			t.Errorf("%d MiB allocated", n>>20)
		}
		atLimit := sound + strings.Repeat("#", assessment.MaxFileBytes-len(sound))
		parse(t, atLimit)
		refuse(t, atLimit+"#", "x.yaml yaml.too_big")
	})
	row("Y17", func(t *testing.T) {
		gbk, err := simplifiedchinese.GBK.NewEncoder().Bytes([]byte(sound))
		if err != nil {
			t.Fatal(err)
		}
		utf := func(order func(b []byte, u uint16) []byte, bom ...byte) string {
			out := bom
			for _, u := range utf16.Encode([]rune(sound)) {
				out = order(out, u)
			}
			return string(out)
		}
		little, big := func(b []byte, u uint16) []byte { return append(b, byte(u), byte(u>>8)) }, func(b []byte, u uint16) []byte { return append(b, byte(u>>8), byte(u)) }
		for name, tt := range map[string]struct{ src, key string }{
			"GBK": {string(gbk), "yaml.gbk"}, "UTF-16 LE": {utf(little, 0xff, 0xfe), "yaml.utf16"}, "UTF-16 BE": {utf(big, 0xfe, 0xff), "yaml.utf16"},
			"Latin-1": {strings.Replace(sound, `"题"`, "caf\xe9", 1), "yaml.utf8"}, "cut": {sound[:strings.Index(sound, "题")+1], "yaml.utf8"},
		} {
			it, report := assessment.ParseItem("x.yaml", []byte(tt.src), model())
			if got := said(report); it != nil || !slices.Equal(got, []string{"x.yaml " + tt.key}) {
				t.Errorf("%s: %v", name, got)
			}
			wantReadable(t, report)
		}
		// a UTF-8 BOM and the line ends of Windows are accepted, and are not part of the content
		plain := parse(t, sound)
		for name, src := range map[string]string{"BOM": "\xef\xbb\xbf" + sound, "CRLF": strings.ReplaceAll(sound, "\n", "\r\n"), "both": "\xef\xbb\xbf" + strings.ReplaceAll(sound, "\n", "\r\n")} {
			if it := parse(t, src); it.Hash != plain.Hash {
				t.Errorf("%s changes the content", name)
			}
			refuse(t, strings.Replace(src, "level: 3", "level: 9", 1), "x.yaml:7:8 define.whole")
		}
		refuse(t, edit(sound, 9, "title: {zh: \"a\x01b\"}"), "x.yaml yaml.control")
		refuse(t, edit(sound, 9, `title: {zh: "a\0b"}`), "x.yaml:9:13 yaml.control") // the same, written out
	})
	row("Y18", func(t *testing.T) {
		refuse(t, edit(sound, 0, "<<: {level: 4}"), "x.yaml:16:1 yaml.merge")
		refuse(t, edit(sound, 9, "title: !!python/object {zh: 题}"), "x.yaml:9:8 yaml.tag")
		refuse(t, edit(sound, 9, "title: {zh: !secret 题}"), "x.yaml:9:13 yaml.tag")
		refuse(t, edit(sound, 9, "title: !<tag:example.com,2000:x> {zh: 题}"), "x.yaml:9:8 yaml.tag")
		refuse(t, sound+"---\n"+sound, "x.yaml:16:1 yaml.documents")
		refuse(t, "---\n"+sound+"---\n", "x.yaml:17:1 yaml.documents")
		refuse(t, edit(sound, 0, "? [a]\n: 1"), "x.yaml:16:3 yaml.key")
		parse(t, "---\n"+sound+"...\n")
	})
	row("Y19", func(t *testing.T) {
		for _, tt := range []struct{ prompt, found string }{
			{"<script>alert(1)</script>", "<script>"}, {"a <b>c</b>", "<b>"}, {"[x](javascript:alert(1))", "javascript:"}, {"![x](data:image/svg+xml;base64,AA)", "data:image/svg"},
			{"</p >", "</p "}, {"<img/src=x>", "<img/"}, {"JaVaScRiPt:x", "JaVaScRiPt:"},
		} {
			src := edit(sound, 10, fmt.Sprintf("prompt: {zh: %q}", "看："+tt.prompt))
			it, report := assessment.ParseItem("x.yaml", []byte(src), model())
			if it == nil {
				t.Errorf("%s: refused", tt.prompt)
				continue
			}
			var html assessment.Report
			for _, f := range report {
				if f.Key == "yaml.html" {
					html = append(html, f)
				}
			}
			at := 17 + strings.Index(tt.prompt, tt.found) // behind 看：, in characters
			if len(html) != 1 || !html[0].Warning || html[0].Line != 10 || html[0].Column != at || html[0].Args["found"] != strings.TrimSpace(tt.found) {
				t.Errorf("%s: %+v", tt.prompt, html)
			}
			if it.Prompt.ZH != "看："+tt.prompt {
				t.Errorf("the text is changed: %s", it.Prompt.ZH)
			}
			wantReadable(t, report)
		}
		for _, plain := range []string{"3 < 5 且 5 > 3", "a<5", "<中文>", "书名《<》"} {
			_, report := assessment.ParseItem("x.yaml", []byte(edit(sound, 10, fmt.Sprintf("prompt: {zh: %q}", plain))), model())
			if strings.Contains(written(report), "HTML") {
				t.Errorf("%s is taken for HTML", plain)
			}
		}
	})
	row("Y20", func(t *testing.T) {
		later["Y20"] = "images in items, whose paths must stay inside"
		dir, outside := t.TempDir(), t.TempDir()
		write(t, filepath.Join(outside, "secret.yaml"), "secret: hunter2\n")
		write(t, filepath.Join(dir, "x.yaml"), sound)
		link := func(to, name string) {
			if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
				t.Skip("no symbolic links here:", err)
			}
		}
		link(filepath.Join(outside, "secret.yaml"), "absolute.yaml")
		link(filepath.Join("..", filepath.Base(outside), "secret.yaml"), "dots.yaml")
		link("nowhere.yaml", "dangling.yaml")
		link(outside, "folder") // not followed
		root, err := os.OpenRoot(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer root.Close()
		lib, report := assessment.Load(root.FS(), model(), nil)
		if lib != nil {
			t.Error("taken")
		}
		wantSaid(t, errorsOf(report), "absolute.yaml yaml.unreadable", "dangling.yaml yaml.unreadable", "dots.yaml yaml.unreadable")
		if strings.Contains(written(report), "hunter2") {
			t.Error("what lies outside is told")
		}
	})
	row("Y21", func(t *testing.T) {
		was := parse(t, sound)
		known := assessment.Known{was.Name(): was.Hash}
		reload := func(src string) (*assessment.Library, assessment.Report) {
			return assessment.Load(fstest.MapFS{"x.yaml": {Data: []byte(src)}}, model(), known)
		}
		changed := edit(sound, 14, `  - {id: c, zh: "丙丙"}`)
		lib, report := reload(changed)
		if lib != nil {
			t.Error("content that people have sat is changed under its number")
		}
		wantSaid(t, errorsOf(report), "x.yaml:3:10 define.version_changed")
		if lib, _ = reload(edit(changed, 3, "version: 2")); lib == nil || lib.Items[0].Hash == was.Hash {
			t.Error("a new number publishes the change")
		}
		if lib, _ = reload("# a comment\n" + strings.Replace(sound, "{sub: AIC.1, w: 1}", "{ sub: 'AIC.1' ,  w: 1 }", 1)); lib == nil || lib.Items[0].Hash != was.Hash {
			t.Error("comments, layout and quotes are no change")
		}
		later["Y21"] = "running sittings keep their version: tested with store and web"
	})
	row("Y22", func(t *testing.T) { later["Y22"] = "the web editor and its edit conflicts" })
	row("Y23", func(t *testing.T) {
		raw, err := os.ReadFile("../item/testdata/emotion_curve/own.yaml")
		if err != nil {
			t.Fatal(err)
		}
		curve := string(raw)
		parse(t, curve)
		// wrong is the curve with one thing written otherwise, and what is said where that thing is
		wrong := func(old, new, at, key string) {
			t.Helper()
			if strings.Count(curve, old) != 1 {
				t.Fatalf("%q is there %d times", old, strings.Count(curve, old))
			}
			src := strings.Replace(curve, old, new, 1)
			before := src[:strings.Index(src, new)+strings.Index(new, at)]
			column := utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]) + 1
			refuse(t, src, fmt.Sprintf("x.yaml:%d:%d %s", strings.Count(before, "\n")+1, column, key))
		}
		for _, x := range []string{"101", "-1", "100.01"} {
			wrong("84.257", x, x, "define.range")
		}
		_, report := assessment.ParseItem("x.yaml", []byte(strings.Replace(curve, "84.257", "101", 1)), model())
		if path := errorsOf(report)[0].Path; path != "panel.ratings[1][1]" { // the second rater, the second turn
			t.Error(path)
		}
		wrong("84.257", ".nan", ".nan", "yaml.not_finite")
		wrong("[73.131, 84.257, 17.113, 9.419, 63.119]", "[73.131, 84.257, 17.113, 9.419]", "[73", "item.row")
		refuse(t, strings.Replace(curve, "    - [61.139, 74.259, 7.117, 1.411, 51.127]\n", "", 1), "x.yaml:26:3 define.count") // two raters
		for _, turn := range []string{"canary-h1", "nobody"} {                                                                 // of ours, and of nobody
			refuse(t, strings.Replace(curve, "canary-c4, canary-c2, canary-c5]", "canary-c4, "+turn+", canary-c5]", 1), "x.yaml:25:3 emotion_curve.unrated_turn", "x.yaml:25:44 emotion_curve.not_customer")
		}
	})
	row("Y24", func(t *testing.T) {
		files := map[string]string{}
		for i := range 1000 {
			files[fmt.Sprintf("items/%d/x.yaml", i)] = strings.Replace(sound, "x-1", fmt.Sprintf("x-%d", i), 1)
		}
		if lib := mustLoad(t, files); len(lib.Items) != 1000 {
			t.Errorf("%d items", len(lib.Items))
		}
		options := func(n int) string {
			var b strings.Builder
			b.WriteString(strings.Join(strings.SplitAfter(sound, "\n")[:12], ""))
			for i := range n - 1 {
				fmt.Fprintf(&b, "  - {id: b%d, zh: 文}\n", i)
			}
			return b.String()
		}
		parse(t, options(100))
		refuse(t, options(101), "x.yaml:11:1 define.count")
		if a := args(t, options(101), 11, 1); a["max"] != 100 || a["n"] != 101 {
			t.Errorf("%v", a)
		}
		parse(t, edit(sound, 10, "prompt: {zh: "+strings.Repeat("x", 65_536)+"}"))
		refuse(t, edit(sound, 10, "prompt: {zh: "+strings.Repeat("x", 65_537)+"}"), "x.yaml:10:14 define.too_long")
		if s := written(func() assessment.Report {
			_, r := assessment.ParseItem("x.yaml", []byte(edit(sound, 10, "prompt: {zh: "+strings.Repeat("x", 65_537)+"}")), model())
			return errorsOf(r)
		}()); len(s) > 500 {
			t.Errorf("the whole line is quoted: %d bytes", len(s))
		}
	})
	for _, id := range slices.Sorted(func(yield func(string) bool) {
		for id := range later {
			if !yield(id) {
				return
			}
		}
	}) {
		t.Logf("later: %s: %s", id, later[id])
	}
	t.Logf("%d of 24 rows wait for a feature, wholly or in part", len(later))
}

func write(t *testing.T, name, s string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(s), 0o644); err != nil {
		t.Fatal(err)
	}
}

// Whatever a file holds, reading it stays within bounds: keys that nobody knows, each with something like it, and words as long as the file.
func TestFullFilesAreCheap(t *testing.T) {
	const size = assessment.MaxFileBytes / 16
	var keys, long, dup bytes.Buffer
	keys.WriteString(sound)
	for i := 0; keys.Len() < size-20; i++ {
		fmt.Fprintf(&keys, "opt%d: 1\n", i)
	}
	long.WriteString(strings.Replace(sound, "single_choice", strings.Repeat("single", 150_000), 1))
	dup.WriteString(sound)
	for dup.Len() < size-20 {
		dup.WriteString("a: ~\n")
	}
	for name, src := range map[string][]byte{"unknown keys": keys.Bytes(), "a long word": long.Bytes(), "one key for ever": dup.Bytes()} {
		var report assessment.Report
		n := allocated(func() { _, report = assessment.ParseItem("x.yaml", src, model()) })
		if errorsOf(report) == nil {
			t.Errorf("%s: taken", name)
		}
		if n > 4000*size {
			t.Errorf("%s: %d MiB allocated", name, n>>20)
		}
		t.Logf("%s: %d findings, %d MiB", name, len(report), n>>20)
	}
	if m := text.Problem(text.EN, errorsOf(must(assessment.ParseItem("x.yaml", long.Bytes(), model())))[0].Problem); len(m) > 2000 {
		t.Errorf("a message of %d bytes", len(m))
	}
}

func must[T any](_ T, r assessment.Report) assessment.Report { return r }
