package text_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"leida/internal/item"
	"leida/internal/text"
)

// dynamic are beginnings of keys that are put together at run time, each with the values that end them. Whatever the catalogue has under one counts as used.
var dynamic = map[string]string{
	"analyze.error.":    "stats.What",
	"analyze.head.":     "what the tables of leida analyze have columns and lines of",
	"analyze.stopped.":  "why an adaptive test stopped",
	"assessment.blind.": "item.Strategies",
	"blind.":            "the names of item.Blind",
	"check.blind.":      "item.Strategies",
	"check.stats.":      "assessment.Coverage.By",
	"irt.problem.":      "stats.What, as Bank.Check has it",
	"kind.":             "item.Kinds, and each kind's how-to lines",
	"mark.":             "the Mark of an explained option or step",
	"mark.pair.":        "the Mark of an explained pair",
	"notice.":           "what a page redirected to tells",
	"pci.":              "casebook.Factor",
	"pci.level.":        "1 to 5",
	"org.access.":       "org.Accesses",
	"people.may.":       "org.Accesses",
	"phase.":            "exam.Phase",
	"quality.advice.":   "quality.Flag.Kind",
	"quality.flag.":     "quality.Flag.Kind",
	"profile.below.":    "capability or sub-competency",
	"profile.cover.":    "how a capability is backed up in a team",
	"profile.left_out.": "why a record does not count",
	"profile.need.":     "what a gap asks for",
	"profile.source.":   "profile.Sources",
	"profile.status.":   "profile.Status",
	"profile.unshown.":  "capability or sub-competency",
	"profile.verdict.":  "whether a job profile is met",
	"reading.turn.":     "item.Speakers",
	"reading.who.":      "item.Speakers",
	"rescore.left.":     "why a result is left as it was",
	"rescore.rule.":     "exam.RescoreRules, and what each means",
	"rescore.state.":    "store.RescoringState",
	"rescore.verdict.":  "exam.Verdict",
	"result.verdict.":   "exam.Verdict",
	"roster.count.":     "org.ChangeKind",
	"roster.kind.":      "org.ChangeKind",
	"scenario.":         "the scenario tag of an item",
	"sitting.script.":   "what the page's script says",
	"status.":           "item.Statuses",
	"web.advice.":       "fault.Kind",
}

var (
	keyForm    = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z0-9_-]+)+$`)
	prefixForm = regexp.MustCompile(`^[a-z][a-z0-9_]*\.([a-z0-9_-]+\.)*$`)
	templateT  = regexp.MustCompile(`\bt\s+"([^"]+)"`)
	quoted     = regexp.MustCompile(`(define|template|block)?\s*"([^"\s]+)"`)
)

// takesKey are functions with the place of their message key.
var takesKey = map[string]int{"fault.At": 1, "fault.Warn": 1, "fault.New": 1, "fault.Field": 1, "text.Say": 1, "text.Ref": 0, "text.Message": 0, "text.Has": 0}

type usage struct {
	keys     map[string]string // literal -> where it stands
	called   map[string]string // those given to a function that wants a key
	prefixes map[string]string
}

// used gathers what Go sources and templates name.
func used(t *testing.T) usage {
	t.Helper()
	u := usage{map[string]string{}, map[string]string{}, map[string]string{}}
	root := filepath.Join("..", "..")
	for _, dir := range []string{"internal", "cmd", "templates"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(name string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case d.IsDir() && d.Name() == "testdata":
				return filepath.SkipDir
			case strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go"):
				return u.goFile(name)
			case strings.HasSuffix(name, ".html"):
				return u.template(name)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return u
}

func (u usage) goFile(name string) error {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, nil, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	literal := func(e ast.Expr) (string, string, bool) {
		l, ok := e.(*ast.BasicLit)
		if !ok || l.Kind != token.STRING {
			return "", "", false
		}
		s, err := strconv.Unquote(l.Value)
		return s, fset.Position(l.Pos()).String(), err == nil
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.Field:
			return n.Tag == nil // a tag is no message
		case *ast.BasicLit:
			if s, at, ok := literal(n); ok && keyForm.MatchString(s) {
				u.keys[s] = at
			} else if ok && prefixForm.MatchString(s) {
				u.prefixes[s] = at
			}
		case *ast.CallExpr:
			sel, ok := n.Fun.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			pkg, ok := sel.X.(*ast.Ident)
			if !ok {
				return true
			}
			if i, ok := takesKey[pkg.Name+"."+sel.Sel.Name]; ok && i < len(n.Args) {
				if s, at, ok := literal(n.Args[i]); ok && s != "" {
					u.called[s] = at
				}
			}
		}
		return true
	})
	return nil
}

func (u usage) template(name string) error {
	raw, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	for _, m := range templateT.FindAllStringSubmatch(string(raw), -1) {
		u.called[m[1]] = name
	}
	for _, m := range quoted.FindAllStringSubmatch(string(raw), -1) {
		s := m[2]
		if m[1] != "" { // the name of a template
			continue
		}
		if keyForm.MatchString(s) {
			u.keys[s] = name
		} else if prefixForm.MatchString(s) {
			u.prefixes[s] = name
		}
	}
	return nil
}

// subjects are the first words of all keys.
func subjects() map[string]bool {
	out := map[string]bool{}
	for _, k := range text.Keys() {
		first, _, _ := strings.Cut(k, ".")
		out[first] = true
	}
	return out
}

// notKeys are words with dots that begin like a key and are something else.
var notKeys = regexp.MustCompile(`\.(yaml|yml|json|html|js|css|svg|png|ico|csv|go|txt|part)$`)

// Every key that the program names is in the catalogue.
func TestKeysAreThere(t *testing.T) {
	u, known := used(t), subjects()
	for _, key := range sorted(u.called) {
		if !text.Has(key) && !u.isDynamic(key) {
			t.Errorf("%s: no message %q", u.called[key], key)
		}
	}
	for _, key := range sorted(u.keys) {
		first, _, _ := strings.Cut(key, ".")
		if strings.Contains(u.keys[key], "internal/store/") {
			continue // columns of tables look like keys
		}
		if known[first] && !text.Has(key) && !notKeys.MatchString(key) && u.called[key] == "" {
			t.Errorf("%s: no message %q", u.keys[key], key)
		}
	}
}

// Every message is said somewhere.
func TestKeysAreUsed(t *testing.T) {
	u := used(t)
	for _, key := range text.Keys() {
		if _, literal := u.keys[key]; !literal && !u.isDynamic(key) {
			t.Errorf("nothing says %q: %s", key, text.Message(key).EN)
		}
	}
}

// The list of beginnings is that of the sources.
func TestDynamicKeys(t *testing.T) {
	u := used(t)
	begins := func(prefix string) bool {
		return slices.ContainsFunc(text.Keys(), func(k string) bool { return strings.HasPrefix(k, prefix) })
	}
	for _, p := range sorted(u.prefixes) {
		if dynamic[p] == "" && begins(p) && !ofKind(p) {
			t.Errorf("%s: keys are put together from %q; say in dynamic what ends them", u.prefixes[p], p)
		}
	}
	for _, p := range sorted(dynamic) {
		if u.prefixes[p] == "" || !begins(p) {
			t.Errorf("no key is put together from %q", p)
		}
	}
	for _, s := range item.Statuses {
		if !text.Has("status." + string(s)) {
			t.Errorf("no message status.%s", s)
		}
	}
	for _, s := range item.Speakers {
		for _, p := range []string{"reading.turn.", "reading.who."} {
			if !text.Has(p + s) {
				t.Errorf("no message %s%s", p, s)
			}
		}
	}
	for _, s := range item.Strategies {
		for _, p := range []string{"assessment.blind.", "check.blind."} {
			if !text.Has(p + string(s)) {
				t.Errorf("no message %s%s", p, s)
			}
		}
	}
}

func (u usage) isDynamic(key string) bool {
	for p := range dynamic {
		if strings.HasPrefix(key, p) {
			return true
		}
	}
	for p := range u.prefixes {
		if ofKind(p) && strings.HasPrefix(key, p) {
			return true
		}
	}
	return false
}

// ofKind reports whether a key belongs to the family of a kind of item, which puts its own together as it likes.
func ofKind(key string) bool {
	kind, _, _ := strings.Cut(key, ".")
	return slices.Contains(item.KindNames(), kind)
}

func sorted(m map[string]string) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
