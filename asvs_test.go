package leida_test

import (
	"encoding/csv"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"
)

// docs/asvs.csv goes through the OWASP ASVS 5.0 requirements of levels 1 and 2: met, not applicable yet, or open, and what shows it. A proof is a test
// (directory.TestX, or TestX/subtest where the subtest's name stands in the source), a section of a document (docs/x.md#section) or a target of the Makefile.

const (
	met     = "met"
	waiting = "not applicable yet"
	open    = "open"
)

// asvsRows are how many requirements ASVS 5.0 has of each level.
var asvsRows = map[string]int{"1": 64, "2": 141}

// leastOfLevel2 is the share of the level 2 requirements that apply which must be met.
const leastOfLevel2 = 0.95

func TestASVS(t *testing.T) {
	f, err := os.Open("docs/asvs.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"id", "level", "about", "status", "proof", "note"}; !slices.Equal(rows[0], want) {
		t.Fatalf("columns %v, want %v", rows[0], want)
	}
	prove := newProver(t)
	count := map[string]map[string]int{"1": {}, "2": {}}
	seen := map[string]bool{}
	for _, row := range rows[1:] {
		id, level, about, status, proofs := row[0], row[1], row[2], row[3], strings.Fields(row[4])
		if seen[id] || count[level] == nil {
			t.Errorf("%s: twice, or of level %q", id, level)
			continue
		}
		seen[id] = true
		count[level][status]++
		if n := len(strings.Fields(about)); n < 3 || n > 10 {
			t.Errorf("%s: %d words", id, n)
		}
		switch status {
		case met:
			if len(proofs) == 0 {
				t.Errorf("%s is met without a proof", id)
			}
		case waiting, open:
			if row[5] == "" {
				t.Errorf("%s does not say why", id)
			}
			if status == open && level == "1" {
				t.Errorf("%s is of level 1 and open", id)
			}
		default:
			t.Errorf("%s: status %q", id, status)
		}
		for _, p := range proofs {
			if why := prove.lacks(p); why != "" {
				t.Errorf("%s: %s: %s", id, p, why)
			}
		}
	}
	for level, want := range asvsRows {
		n := 0
		for _, k := range count[level] {
			n += k
		}
		if n != want {
			t.Errorf("%d requirements of level %s, ASVS 5.0 has %d", n, level, want)
		}
	}
	if list := required(t); list != nil {
		levels := map[string]string{}
		for _, row := range rows[1:] {
			levels[row[0]] = "L" + row[1]
		}
		if !maps.Equal(levels, list) {
			for id, level := range list {
				if levels[id] != level {
					t.Errorf("%s is of level %q, the list says %s", id, levels[id], level)
				}
			}
			t.Errorf("%d requirements, the list has %d", len(levels), len(list))
		}
	}
	two := count["2"]
	if apply := two[met] + two[open]; float64(two[met]) < leastOfLevel2*float64(apply) {
		t.Errorf("level 2: %d of %d that apply are met", two[met], apply)
	}
	t.Logf("level 1: %v; level 2: %v; %d in all", count["1"], count["2"], len(seen))
}

// required are the ids of the list that the project goes by, with their levels; nil where it is not at hand.
func required(t *testing.T) map[string]string {
	f, err := os.Open("../shared/trust/asvs.csv")
	if err != nil {
		t.Log("the list itself is not here: ids and levels are not compared")
		return nil
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	levels := map[string]string{}
	for _, row := range rows[1:] {
		levels[row[0]] = row[1]
	}
	return levels
}

// TestLookedAt holds that somebody looked at the parts not longer ago than docs/security.md promises: what is reachable make vuln asks for each time, the rest is found by looking. Only where
// CI runs it fails for that: a checkout of long ago is not worse for its age.
func TestLookedAt(t *testing.T) {
	doc := read(t, "docs/security.md")
	late := looked(doc, time.Now())
	switch {
	case late == "":
	case os.Getenv("CI") == "true":
		t.Error(late)
	default:
		t.Log(late)
	}
	day := regexp.MustCompile(`Last looked at on [^:]*:`)
	if !day.MatchString(doc) {
		t.Fatal("docs/security.md does not say when the parts were looked at")
	}
	on := func(day string) time.Time {
		at, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	for _, x := range []struct {
		says  string
		now   time.Time
		sound bool
	}{
		{"Last looked at on 3 March 2026:", on("2026-03-03"), true}, {"Last looked at on 3 March 2026:", on("2026-04-02"), true}, {"Last looked at on 3 March 2026:", on("2026-04-03"), false},
		{"Last looked at on 3 March 2026:", on("2026-03-01"), false}, {"Last looked at on 31 February 2026:", on("2026-03-03"), false}, {"Last looked at on some day:", on("2026-03-03"), false},
	} {
		if why := looked(day.ReplaceAllLiteralString(doc, x.says), x.now); (why == "") != x.sound {
			t.Errorf("%s on %s: %q", x.says, x.now.Format(time.DateOnly), why)
		}
	}
}

// looked says what is wrong with the day on which the parts were looked at; "" where nothing is.
func looked(doc string, now time.Time) string {
	said := regexp.MustCompile(`\nLast looked at on ([^:]*):`).FindStringSubmatch(doc)
	promised := regexp.MustCompile(`\n\| a hole of medium weight, or one that is not reachable \| (\d+) days \|`).FindStringSubmatch(doc)
	if said == nil || promised == nil {
		return "docs/security.md, Keeping up, names no day or promises nothing"
	}
	at, err := time.Parse("2 January 2006", said[1])
	if err != nil {
		return "docs/security.md, Keeping up: " + err.Error()
	}
	days, _ := strconv.Atoi(promised[1])
	switch past := now.Sub(at); {
	case past < -24*time.Hour: // another zone's day may have begun
		return "docs/security.md, Keeping up: " + said[1] + " lies ahead"
	case past >= time.Duration(days+1)*24*time.Hour:
		return fmt.Sprintf("the parts were looked at on %s, more than %d days ago: run go list -m -u all and make vuln, take up or weigh what is newer, and write the day and what was found into docs/security.md, Keeping up", said[1], days)
	}
	return ""
}

// TestDocumentsNameTests holds that what docs/security.md calls a test is one.
func TestDocumentsNameTests(t *testing.T) {
	prove := newProver(t)
	names := regexp.MustCompile("`((?:internal|cmd)/[a-z/]+\\.(?:Test|Fuzz)[A-Za-z0-9_/]+)`").FindAllStringSubmatch(read(t, "docs/security.md"), -1)
	if len(names) < 5 {
		t.Errorf("%d tests are named", len(names))
	}
	for _, m := range names {
		if why := prove.lacks(m[1]); why != "" {
			t.Errorf("docs/security.md: %s: %s", m[1], why)
		}
	}
}

// prover knows every test of the repository, the sections of its documents and the targets of its Makefile.
type prover struct {
	tests    map[string]bool            // directory.TestX
	texts    map[string]map[string]bool // directory -> the texts that stand in its test files, for names of subtests
	sections map[string]map[string]bool // document -> its anchors
	targets  map[string]bool
}

func newProver(t *testing.T) prover {
	t.Helper()
	p := prover{map[string]bool{}, map[string]map[string]bool{}, map[string]map[string]bool{}, map[string]bool{}}
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (strings.HasPrefix(d.Name(), ".") && name != "." || d.Name() == "node_modules" || d.Name() == "data"):
			return filepath.SkipDir
		case strings.HasSuffix(name, "_test.go"):
			return p.readTests(filepath.ToSlash(name))
		case path.Ext(name) == ".md":
			raw, err := os.ReadFile(name)
			p.sections[filepath.ToSlash(name)] = anchors(string(raw))
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`(?m)^([a-z]+):`).FindAllStringSubmatch(read(t, "Makefile"), -1) {
		p.targets[m[1]] = true
	}
	return p
}

func (p prover) readTests(name string) error {
	f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
	if err != nil {
		return err
	}
	dir := path.Dir(name)
	if p.texts[dir] == nil {
		p.texts[dir] = map[string]bool{}
	}
	for _, d := range f.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && (strings.HasPrefix(fn.Name.Name, "Test") || strings.HasPrefix(fn.Name.Name, "Fuzz")) {
			p.tests[dir+"."+fn.Name.Name] = true
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			if s, err := strconv.Unquote(lit.Value); err == nil {
				p.texts[dir][s] = true
			}
		}
		return true
	})
	return nil
}

// anchors are what the headings of a document are linked by.
func anchors(doc string) map[string]bool {
	out := map[string]bool{}
	for line := range strings.Lines(doc) {
		if !strings.HasPrefix(line, "#") {
			continue
		}
		out[strings.Map(func(r rune) rune {
			switch {
			case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-':
				return unicode.ToLower(r)
			case r == ' ':
				return '-'
			}
			return -1
		}, strings.TrimSpace(strings.TrimLeft(line, "#")))] = true
	}
	return out
}

// lacks says why a proof is none; "" where it is one.
func (p prover) lacks(proof string) string {
	if file, anchor, ok := strings.Cut(proof, "#"); ok {
		switch {
		case file == "Makefile" && p.targets[anchor], p.sections[file][anchor]:
			return ""
		}
		return "there is no such section or target"
	}
	dir, name := ".", proof
	for _, kind := range []string{".Test", ".Fuzz"} {
		if i := strings.Index(proof, kind); i >= 0 {
			dir, name = proof[:i], proof[i+1:]
		}
	}
	name, sub, nested := strings.Cut(name, "/")
	test := dir + "." + name
	switch {
	case !p.tests[test]:
		return "there is no such test"
	case nested && !p.texts[dir][sub]:
		return "there is no such subtest"
	}
	return ""
}
