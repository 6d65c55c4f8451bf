package web

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"leida/internal/assessment"
	"leida/internal/capability"
	"leida/internal/exam"
	"leida/internal/exchange/csv"
	"leida/internal/item"
	"leida/internal/org"
	"leida/internal/store"
)

const securityDoc = "../../docs/security.md"

func readDoc(t *testing.T) string {
	t.Helper()
	raw, err := os.ReadFile(securityDoc)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// sameTable compares a table of the document with what the code says, and writes it anew where LEIDA_WRITE_DOCS is set.
func sameTable(t *testing.T, name, want string) {
	t.Helper()
	doc := readDoc(t)
	head := "<!-- " + name + " -->\n"
	before, rest, found := strings.Cut(doc, head)
	got, after, ended := strings.Cut(rest, "<!-- end -->")
	if !found || !ended {
		t.Fatalf("the document has no table %s", name)
	}
	if got == want {
		return
	}
	if os.Getenv("LEIDA_WRITE_DOCS") == "" {
		t.Errorf("docs/security.md: the table of %s is not the code's; make docs writes it anew", name)
		return
	}
	if err := os.WriteFile(securityDoc, []byte(before+head+want+"<!-- end -->"+after), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestPermissionsAreDocumented: the document's matrix of who may do what is the route table.
func TestPermissionsAreDocumented(t *testing.T) {
	var b strings.Builder
	b.WriteString("| request | who | scope | besides |\n|---|---|---|---|\n")
	for _, r := range Routes {
		who := "signed in"
		if r.Public {
			who = "anybody"
		}
		var roles []string
		for _, a := range r.Roles {
			roles = append(roles, string(a))
		}
		if len(roles) > 0 {
			who = strings.Join(roles, ", ")
		}
		var besides []string
		if r.Limit != "" {
			besides = append(besides, "allowance of "+r.Limit)
		}
		if r.Heavy {
			besides = append(besides, "a few at once")
		}
		if r.Upload {
			besides = append(besides, "takes a file")
		}
		if r.Fresh {
			besides = append(besides, "a fresh proof")
		}
		if len(r.While) > 0 {
			var at []string
			for _, h := range r.While {
				at = append(at, string(h))
			}
			besides = append(besides, "open before: "+strings.Join(at, ", "))
		}
		fmt.Fprintf(&b, "| %s `%s` | %s | %s | %s |\n", r.Method, r.Path, who, r.Scope, strings.Join(besides, "; "))
	}
	sameTable(t, "routes", b.String())
}

// TestLimitsAreDocumented: the document's limits are the constants.
func TestLimitsAreDocumented(t *testing.T) {
	var b strings.Builder
	b.WriteString("| limit | value |\n|---|---|\n")
	add := func(what string, value any) { fmt.Fprintf(&b, "| %s | %v |\n", what, value) }
	size := func(n int) string {
		if n >= 1<<20 {
			return fmt.Sprintf("%g MiB", float64(n)/(1<<20))
		}
		return fmt.Sprintf("%g KiB", float64(n)/(1<<10))
	}
	rate := func(burst int, every time.Duration) string {
		return fmt.Sprintf("%d at once, one more every %v", burst, every)
	}
	add("tries to prove who one is, by account", rate(accountBurst, accountEvery))
	add("tries to prove who one is, by network address", rate(addressBurst, addressEvery))
	for _, name := range slices.Sorted(func(yield func(string) bool) {
		for name := range limits {
			if !yield(name) {
				return
			}
		}
	}) {
		add("by person: "+name, rate(limits[name].burst, limits[name].every))
	}
	add("heavy work at once, waiting", fmt.Sprintf("%d, %d", heavyAtOnce, heavyWaiting))
	add("passwords hashed at once, at most", argonAtOnce)
	add("headers of a request", size(maxHeader))
	add("form or JSON of a request", size(maxBody))
	add("upload", size(maxUpload))
	add("time for headers, for reading, for writing, at rest", fmt.Sprint(headerTimeout, ", ", readTimeout, ", ", writeTimeout, ", ", idleTimeout))
	add("session at rest, in all", fmt.Sprint(sessionIdle, ", ", sessionAbsolute))
	add("revision of an answer", int64(maxRev))
	add("text in an answer", size(item.MaxAnswerText))
	add("roster file", size(maxRoster))
	add("rows of a roster", csv.MaxRows)
	add("rows of a page of people", peoplePerPage)
	add("rows of any list", store.MaxLimit)
	add("name, characters", org.MaxName)
	add("number, characters", org.MaxNumber)
	add("e-mail, bytes", org.MaxEmail)
	add("password, characters, most bytes", fmt.Sprint(org.MinPassword, " to ", org.MaxPassword, ", ", org.MaxPasswordBytes))
	add("one-time password", OneTimeLasts)
	add("proof before what is delicate", proofLasts)
	add("code of a generator: period, steps either way", fmt.Sprint(codePeriod*time.Second, ", ", codeSkew))
	add("recovery codes, bits of each", fmt.Sprint(recoveryCodes, ", ", secretBytes*8))
	add("window of an assignment, days", int(exam.MaxWindow.Hours()/24))
	add("time factor", fmt.Sprintf("%g to %g", exam.MinTimeFactor, exam.MaxTimeFactor))
	add("grace after the deadline", exam.Grace)
	add("time limit, seconds", fmt.Sprint(item.MinTimeLimit, " to ", item.MaxTimeLimit))
	add("options of an item", item.MaxOptions)
	add("text of a definition", size(item.MaxTextBytes))
	add("version of a definition", item.MaxVersion)
	add("definition file, depth", fmt.Sprint(size(assessment.MaxFileBytes), ", ", assessment.MaxDepth))
	add("sections of an assessment, items of a sitting", fmt.Sprint(assessment.MaxSections, ", ", assessment.MaxDraw))
	add("capabilities, sub-competencies of one, levels", fmt.Sprint(capability.MinCapabilities, " to ", capability.MaxCapabilities, ", ", capability.MaxSubs, ", ", capability.MaxLevels))
	sameTable(t, "limits", b.String())
}

// firstColumn are the names in backquotes of the first column of the tables in a section.
func firstColumn(t *testing.T, heading, after string) []string {
	t.Helper()
	_, section, found := strings.Cut(readDoc(t), "\n"+heading+"\n")
	if !found {
		t.Fatalf("the document has no %s", heading)
	}
	if i := strings.Index(section, "\n## "); i >= 0 {
		section = section[:i]
	}
	if after != "" {
		if _, section, found = strings.Cut(section, after); !found {
			t.Fatalf("%s has no %q", heading, after)
		}
	}
	var out []string
	name := regexp.MustCompile("`([^`]+)`")
	started := false
	for line := range strings.Lines(section) {
		if cells := strings.Split(line, "|"); len(cells) > 2 {
			for _, m := range name.FindAllStringSubmatch(cells[1], -1) {
				out = append(out, m[1])
			}
		}
		started = started || strings.HasPrefix(line, "|")
		if started && !strings.HasPrefix(line, "|") {
			break
		}
	}
	slices.Sort(out)
	return out
}

// found are what a pattern's first group finds in the program's own files, tests and tools for measuring left out.
func found(t *testing.T, pattern string, dirs ...string) []string {
	t.Helper()
	p := regexp.MustCompile(pattern)
	var out []string
	for _, dir := range dirs {
		err := filepath.WalkDir(filepath.Join("../..", dir), func(name string, d os.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if d.IsDir() && (d.Name() == "client" || d.Name() == "pgtest" || d.Name() == "load" || d.Name() == "testdata" || d.Name() == "demo") {
				return filepath.SkipDir
			}
			if d.IsDir() || filepath.Ext(name) != ".go" && filepath.Ext(name) != ".sql" || strings.HasSuffix(name, "_test.go") {
				return nil
			}
			raw, err := os.ReadFile(name)
			for _, m := range p.FindAllSubmatch(raw, -1) {
				out = append(out, string(m[1]))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func sameNames(t *testing.T, what string, doc, code []string) {
	t.Helper()
	if len(code) == 0 {
		t.Fatalf("the code has no %s", what)
	}
	for _, x := range code {
		if !slices.Contains(doc, x) {
			t.Errorf("docs/security.md does not list %s %q", what, x)
		}
	}
	for _, x := range doc {
		if !slices.Contains(code, x) {
			t.Errorf("docs/security.md lists %s %q, which the code does not have", what, x)
		}
	}
}

func TestEventsAreDocumented(t *testing.T) {
	sameNames(t, "the event", firstColumn(t, "## Logs", "Events, "), found(t, `\tevent\w+\s*= "([a-z_]+)"`, "internal/web"))
	sameNames(t, "the audit action", firstColumn(t, "## Logs", "Actions in the audit log, "), found(t, `(?:Action(?::| =) *|viewed = |prove\(c, shown, |entry\(|action(?:, refusal)? :?= (?:[^"\n]*, )?|begin\(tx, r, \w+, "[^"]*", )"([a-z_.]+)"`, "internal", "cmd"))
}

// TestCryptographyIsDocumented: no package of cryptography is imported that the inventory does not list.
func TestCryptographyIsDocumented(t *testing.T) {
	code := found(t, `"(crypto/[a-z0-9/]+|golang.org/x/crypto/[a-z0-9/]+)"\n`, "internal", "cmd")
	sameNames(t, "cryptography of", firstColumn(t, "## Cryptography", ""), code)
}

// TestDataAreClassified: every table of the database has a class.
func TestDataAreClassified(t *testing.T) {
	_, section, _ := strings.Cut(readDoc(t), "\n## Data classes\n")
	section, _, _ = strings.Cut(section, "\n## ")
	var doc []string
	for line := range strings.Lines(section) {
		if cells := strings.Split(line, "|"); len(cells) > 3 {
			for _, m := range regexp.MustCompile("`([a-z_]+)`").FindAllStringSubmatch(cells[2], -1) {
				doc = append(doc, m[1])
			}
		}
	}
	sameNames(t, "the table", doc, found(t, `(?m)^CREATE TABLE ([a-z_]+)`, "internal/store/migrations/sqlite"))
}

// TestHeavyWorkIsDocumented: what the document calls heavy is what the route table bounds.
func TestHeavyWorkIsDocumented(t *testing.T) {
	heavy := 0
	for _, r := range Routes {
		if r.Heavy {
			heavy++
		}
	}
	if heavy < 6 {
		t.Error(heavy, " routes")
	}
	if want := fmt.Sprintf("%d at once, %d waiting", heavyAtOnce, heavyWaiting); !strings.Contains(readDoc(t), want) {
		t.Errorf("the document does not say %q", want)
	}
}
