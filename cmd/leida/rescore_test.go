package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"leida/assessments"
	"leida/internal/exam"
	"leida/internal/store"
	"leida/internal/text"
)

// corrected is a directory of the built-in definitions with one key moved: cps-single-0001 v2 has level 4 for level 3.
func corrected(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, assessments.FS); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, "items", "cps", "cps-single-0001.yaml")
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	s := strings.NewReplacer("version: 1\n", "version: 2\n", `en: "Level 3", credit: 1,`, `en: "Level 3",`, `en: "Level 4",`, `en: "Level 4", credit: 1,`).Replace(string(raw))
	if strings.Count(s, "credit: 1") != 1 || s == string(raw) {
		t.Fatal("the item is another one now")
	}
	if err := os.WriteFile(name, []byte(s), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

// leida rescore lists what a corrected key changes, applies what was looked at, and takes it back.
func TestRescoreCommand(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	if r := invoke("", "demo", "--data", data); r.code != exitOK {
		t.Fatal(r)
	}
	dir := corrected(t)
	call := func(code int, args ...string) ran {
		t.Helper()
		r := invoke("", append(append([]string{"rescore"}, args...), "--data", data)...)
		if r.code != code {
			t.Fatalf("%v: exit %d\n%s%s", args, r.code, r.out, r.err)
		}
		return r
	}
	ask := []string{"cps-single-0001", "--assessments", dir, "--rule", "current", "--reason", "the key was level 4"}
	with := func(more ...string) []string { return append(append([]string{}, ask...), more...) }
	for _, bad := range [][]string{ask, with("--apply", "--dry-run"), {"cps-single-0001", "--rule", "worse", "--reason", "x", "--dry-run"}, {"cps-single-0001", "--rule", "current", "--dry-run"}} {
		call(exitUsage, bad...)
	}
	call(exitFailure, "no-such-item", "--assessments", dir, "--rule", "current", "--reason", "x", "--dry-run")

	dry := call(exitOK, with("--dry-run")...)
	digest := regexp.MustCompile(`--plan ([0-9a-f]{64})`).FindStringSubmatch(dry.out)
	lines := strings.Split(dry.out, "\n")
	if digest == nil || !strings.HasPrefix(lines[1], "↓") || !strings.Contains(dry.out, "\n↑") || strings.LastIndex(dry.out, "\n↓") > strings.Index(dry.out, "\n↑") {
		t.Fatalf("what falls comes first, then what rises, then the digest:\n%s", dry.out)
	}
	look := call(exitFailure, with("--apply")...)
	if !strings.Contains(look.out, "would get worse") || !strings.Contains(look.out, digest[1]) {
		t.Errorf("applied unseen:\n%s", look.out)
	}
	if r := call(exitFailure, with("--apply", "--plan", strings.Repeat("0", 64))...); !strings.Contains(r.err, "preview") {
		t.Error(r.err)
	}
	done := call(exitOK, with("--apply", "--plan", digest[1])...)
	if !strings.Contains(done.err, "Applied") {
		t.Errorf("no progress:\n%s", done.err)
	}
	if r := invoke("", "analyze", "bank", "--data", data, "--json"); r.code != exitOK || strings.Contains(r.out, `"item": "cps-single-0001"`) || !strings.Contains(r.out, `"item": "cps-single-0002"`) {
		t.Errorf("what was marked anew tells nothing of the item: %s", r.err)
	}
	if again := call(exitOK, with("--dry-run")...); !strings.Contains(again.out, "0 to be marked again") {
		t.Errorf("it would be done again:\n%s", again.out)
	}
	id := ""
	for _, line := range strings.Split(call(exitOK, "list", "cps-single-0001").out, "\n") {
		if strings.Contains(line, "Applied") {
			id = strings.Fields(line)[0]
		}
	}
	// What taking back changes is listed first, turned round: who rose falls, and stands first.
	back := call(exitOK, "undo", id, "--assessments", dir)
	turned := strings.Split(back.out, "\n")
	rose, falls := regexp.MustCompile(`(?m)^↑.*`).FindAllString(dry.out, -1), regexp.MustCompile(`(?m)^↓.*`).FindAllString(back.out, -1)
	if len(rose) == 0 || len(falls) < len(rose) || !strings.HasPrefix(turned[1], "↓") || strings.LastIndex(back.out, "\n↓") > strings.Index(back.out, "\n↑") || !strings.Contains(back.out, "--apply") {
		t.Errorf("what falls by taking back comes first:\n%s", back.out)
	}
	scores := regexp.MustCompile(`(\S+ +\S+) +([0-9.]+) → ([0-9.]+)`)
	for _, line := range rose {
		m := scores.FindStringSubmatch(line)
		if m == nil || !slices.ContainsFunc(falls, func(x string) bool {
			n := scores.FindStringSubmatch(x)
			return n != nil && strings.Fields(n[1])[0] == strings.Fields(m[1])[0] && n[2] == m[3] && n[3] == m[2]
		}) {
			t.Errorf("%s is not among what falls by taking back:\n%s", line, back.out)
		}
	}
	if r := call(exitOK, "list", "cps-single-0001"); strings.Contains(r.out, "Taken back") {
		t.Errorf("taken back unseen:\n%s", r.out)
	}
	call(exitFailure, "cancel", id) // it has ended
	if r := call(exitOK, "undo", id, "--assessments", dir, "--apply"); !strings.Contains(r.out, falls[0]) {
		t.Errorf("taken back without a list:\n%s", r.out)
	}
	call(exitFailure, "undo", id, "--assessments", dir)
	call(exitFailure, "undo", id, "--assessments", dir, "--apply")
	if r := call(exitOK, "list"); !strings.Contains(r.out, "Taken back") {
		t.Error(r.out)
	}
	after := call(exitOK, with("--dry-run")...)
	if a, b := lines[1:len(lines)-3], strings.Split(after.out, "\n"); strings.Join(a, "\n") != strings.Join(b[1:len(b)-3], "\n") {
		t.Errorf("taken back, the same would change again:\n%s\n%s", dry.out, after.out)
	}
	// The plan that nobody applied is dropped by its id.
	list := call(exitOK, "list", "cps-single-0001").out
	i := strings.Index(list, "Waiting to be applied")
	if i < 0 {
		t.Fatal(list)
	}
	planned := strings.Fields(list[strings.LastIndex(list[:i], "\n")+1:])[0]
	if r := call(exitOK, "cancel", planned); !strings.Contains(r.out, "dropped") {
		t.Error(r.out)
	}
	if r := call(exitOK, "list", "cps-single-0001"); strings.Contains(r.out, planned) || !strings.Contains(r.out, id) {
		t.Errorf("not dropped:\n%s", r.out)
	}
	call(exitFailure, "cancel", planned)
	call(exitFailure, "cancel", "nothing")
}

// A pass that moves is printed before and after, and turned round by taking back.
func TestRescoreLineSaysPasses(t *testing.T) {
	for verdicts, want := range map[[2]exam.Verdict]string{{exam.Passed, exam.NotPassed}: "✓→✗", {exam.Undecided, exam.Passed}: "?→✓", {exam.NotPassed, exam.NotPassed}: ""} {
		var l store.RescoringLine
		l.Effects.Judge(verdicts[0], verdicts[1])
		var there, back strings.Builder
		printLine(&there, text.EN, l)
		printLine(&back, text.EN, l.Back())
		r := []rune(want)
		slices.Reverse(r)
		if _, got, _ := strings.Cut(there.String(), "0.0 → 0.0\t"); got != want+"\n" {
			t.Errorf("%v: %q", verdicts, got)
		}
		if _, got, _ := strings.Cut(back.String(), "0.0 → 0.0\t"); got != string(r)+"\n" {
			t.Errorf("%v, taken back: %q", verdicts, got)
		}
	}
}
