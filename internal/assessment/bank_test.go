package assessment_test

import (
	"encoding/csv"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"leida/internal/assessment"
	"leida/internal/exam"
	"leida/internal/item"
	"leida/internal/profile"
	"leida/internal/text"
)

// reading is how people or language models did on an item: with everything before them, and without its stimulus (MEASUREMENT 4.17).
type reading struct {
	item, hash   string
	whole, blind float64
	blinds       int
	date, who    string
	note         string
}

// What an item must allow those who read it, and those who do not.
const leastWhole, mostWithout = 0.80, 0.35

const readersFile = "../../assessments/readers.csv"

// readings are the rows of readers.csv by item.
func readings(t *testing.T) map[string]reading {
	t.Helper()
	f, err := os.Open(readersFile)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]reading{}
	for i, r := range rows[1:] {
		x := reading{item: r[0], hash: r[1], date: r[5], who: r[6], note: r[7]}
		var errs [3]error
		x.whole, errs[0] = strconv.ParseFloat(r[2], 64)
		x.blinds, errs[1] = strconv.Atoi(r[3])
		x.blind, errs[2] = strconv.ParseFloat(r[4], 64)
		for _, err := range errs {
			if err != nil {
				t.Fatalf("%s:%d: %v", readersFile, i+2, err)
			}
		}
		if _, twice := out[x.item]; twice {
			t.Errorf("%s:%d: %s is there twice", readersFile, i+2, x.item)
		}
		out[x.item] = x
	}
	return out
}

// Every live item was answered by readers in the words that it has now: those who read it all did well, those who saw only what is asked did not.
func TestEveryLiveItemWasRead(t *testing.T) {
	lib, _ := builtIn(t)
	rows := readings(t)
	for _, it := range lib.Items {
		r, ok := rows[it.ID]
		delete(rows, it.ID)
		if it.Status != item.Live {
			continue
		}
		_, rated := it.Body.(item.Rated)
		switch {
		case !ok || r.hash != it.Hash[:8]:
			t.Errorf("%s: nobody has read %s; %s knows %s", it.ID, it.Hash[:8], readersFile, r.hash)
		case rated && r.who != "" && r.blinds == 0 && r.note != "": // what people write is marked by people; the note says how it was tried
		case r.whole < leastWhole || r.blinds == 0 || r.blind > mostWithout:
			t.Errorf("%s: %.2f with its stimulus, %.2f without (%d readers)", it.ID, r.whole, r.blind, r.blinds)
		}
	}
	for id := range rows {
		t.Errorf("%s: there is no item %s", readersFile, id)
	}
}

// docs/bank.md says what the bank is: `make docs` writes it.
func TestBankIsDocumented(t *testing.T) {
	const file = "../../docs/bank.md"
	lib, _ := builtIn(t)
	want := bankDocument(t, lib)
	if os.Getenv("LEIDA_WRITE_DOCS") != "" {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(file)
	if err != nil || string(got) != want {
		t.Errorf("%s is not the bank's (%v); make docs writes it anew", file, err)
	}
}

func bankDocument(t *testing.T, lib *assessment.Library) string {
	var b strings.Builder
	b.WriteString(`# The item bank

Written by ` + "`make docs`" + ` from the definitions and from assessments/readers.csv; ` + "`leida check --stats assessments`" + ` prints more of it.

## What the assessments show

Figures are means over what a form may draw; a sub-competency has enough evidence where that is certain whatever is drawn and before people have rated what is written (MEASUREMENT 5.2, 5.3; a unit of evidence has a standard deviation of 28). Doing is the share of the evidence that comes from kinds in which something is done and not only known.

| form | capability | minutes for it | evidence units | doing | enough evidence for | 90 % interval |
|---|---|---|---|---|---|---|
`)
	line := func(name string, forms ...*assessment.Assessment) {
		for _, f := range exam.Forecasts(lib, profile.DefaultRules(), forms...) {
			interval := "none"
			if f.HalfWidth > 0 {
				interval = fmt.Sprintf("± %.1f", f.HalfWidth)
			}
			fmt.Fprintf(&b, "| %s | %s | %d | %.1f | %.0f %% | %.0f %% of the weight | %s |\n", name, f.Capability, f.Minutes, f.Units, 100*f.Doing, 100*f.Coverage, interval)
		}
	}
	var cycle []*assessment.Assessment
	for _, a := range lib.Assessments {
		line(fmt.Sprintf("%s (%d minutes)", a.ID, lib.Minutes(a)), a)
		if a.Kind == "cycle" {
			cycle = append(cycle, a)
		}
	}
	line("a whole cycle", cycle...)
	b.WriteString(`
## How the items were tried

Each item was answered by readers who had not seen its key: once with everything that a candidate sees, and by others without its stimulus (MEASUREMENT 4.17: 0.80 or more, 0.35 or less). A reading counts for the text that was read, which the hash pins. Items whose panel ratings are illustrative, for nobody has given them yet, are refused for certification.

| item | kind | hash | with | without | readers without | date | kind of reader | note |
|---|---|---|---|---|---|---|---|---|
`)
	rows := readings(t)
	for _, it := range lib.Items {
		r := rows[it.ID]
		fmt.Fprintf(&b, "| %s | %s | %s | %.2f | %.2f | %d | %s | %s | %s |\n", it.ID, text.Say(text.EN, "kind."+it.Type), r.hash, r.whole, r.blind, r.blinds, r.date, r.who, r.note)
	}
	return b.String()
}
