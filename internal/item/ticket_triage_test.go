package item

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"leida/internal/text"
)

// desk is the desk that the table tests change: two tickets, a field of each kind.
func desk() *ticketTriage {
	return &ticketTriage{
		Fields: []triageField{
			{ID: "category", W: 0.25, Kind: triagePath, Options: []string{"net/cut", "net/slow", "bill/claim"}},
			{ID: "priority", W: 0.5, Kind: triageOrdinal, Options: []string{"P1", "P2", "P3"}},
			{ID: "department", W: 0.25, Kind: triageNominal, Options: []string{"NOC", "SEC", "BILL"}, Accept: map[string]map[string]float64{"NOC": {"SEC": 0.4}}},
		},
		Tickets: []triageTicket{
			{ID: "a", Text: same("冒烟"), Why: same("因"), CriticalIf: map[string]Words{"priority": {"P3"}},
				Prefill: values("net/slow", "P2", "NOC"), Key: values("net/cut", "P1", "NOC")},
			{ID: "b", Text: same("多扣"), Why: same("因"),
				Prefill: values("net/slow", "P1", "SEC"), Key: values("bill/claim", "P3", "BILL")},
		},
	}
}

func values(category, priority, department string) map[string]string {
	return map[string]string{"category": category, "priority": priority, "department": department}
}

func triaged(tickets map[string]map[string]string) triageAnswer {
	return triageAnswer{Tickets: tickets}
}

// keyed is the key of a desk as an answer.
func (b *ticketTriage) keyed() triageAnswer {
	a := triaged(map[string]map[string]string{})
	for _, t := range b.Tickets {
		a.Tickets[t.ID] = map[string]string{}
		for f, v := range t.Key {
			a.Tickets[t.ID][f] = v
		}
	}
	return a
}

// anyDesk is a sound desk of several tickets.
func anyDesk(t *rapid.T) *ticketTriage {
	for try := 0; ; try++ {
		b := &ticketTriage{}
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, fmt.Sprintf("seed %d", try)), 1))
		for i := range 1 + r.IntN(4) {
			f := triageField{ID: fmt.Sprintf("f%d", i), W: 0.05 + 0.9*r.Float64(), Kind: triageKinds[r.IntN(3)], Label: same("项")}
			for j := range 2 + r.IntN(5) {
				f.Options = append(f.Options, fmt.Sprintf("g%d/o%d", j/2, j))
			}
			if f.Kind == triageOrdinal && r.IntN(2) == 0 {
				over, under := r.Float64(), r.Float64()
				f.Over, f.Under = &over, &under
			}
			if f.Kind == triageNominal && r.IntN(2) == 0 {
				f.Accept = map[string]map[string]float64{f.Options[0]: {f.Options[1]: 0.01 + 0.98*r.Float64()}}
			}
			b.Fields = append(b.Fields, f)
		}
		for i := range 2 + r.IntN(7) {
			k := triageTicket{ID: id(i), Text: same("文"), Prefill: map[string]string{}, Key: map[string]string{}}
			for _, f := range b.Fields {
				k.Prefill[f.ID], k.Key[f.ID] = f.Options[r.IntN(len(f.Options))], f.Options[r.IntN(len(f.Options))]
			}
			b.Tickets = append(b.Tickets, k)
		}
		if len(b.Validate()) == 0 {
			return b
		}
	}
}

// anyTriage is an answer that gives some fields of some tickets.
func anyTriage(t *rapid.T, b *ticketTriage) triageAnswer {
	a := triaged(map[string]map[string]string{})
	for _, k := range b.Tickets {
		for _, f := range b.Fields {
			if v := rapid.SampledFrom(append([]string{""}, f.Options...)).Draw(t, k.ID+f.ID); v != "" {
				if a.Tickets[k.ID] == nil {
					a.Tickets[k.ID] = map[string]string{}
				}
				a.Tickets[k.ID][f.ID] = v
			}
		}
	}
	return a
}

// The formula of MEASUREMENT 4.7, written once more as it is said there.
func TestTriageFormula(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := anyDesk(t)
		a := anyTriage(t, b)
		n := float64(len(b.Tickets))
		want, weights := 0.0, 0.0
		for _, f := range b.Fields {
			credit := func(key, own string) float64 {
				k, o := slices.Index(f.Options, key), slices.Index(f.Options, own)
				over, under := 0.5, 0.25
				if f.Over != nil {
					over, under = *f.Over, *f.Under
				}
				switch {
				case own == key:
					return 1
				case own == "":
					return 0
				case f.Kind == triagePath && key[:strings.Index(key, "/")] == own[:strings.Index(own, "/")]:
					return 0.5
				case f.Kind == triageOrdinal && o == k-1:
					return over
				case f.Kind == triageOrdinal && o == k+1:
					return under
				case f.Kind == triageNominal:
					return f.Accept[key][own]
				}
				return 0
			}
			accuracy, keep := 0.0, 0.0
			constant := make([]float64, len(f.Options))
			for _, k := range b.Tickets {
				accuracy += credit(k.Key[f.ID], a.Tickets[k.ID][f.ID]) / n
				keep += credit(k.Key[f.ID], k.Prefill[f.ID]) / n
				for i, o := range f.Options {
					constant[i] += credit(k.Key[f.ID], o) / n
				}
			}
			g := max(keep, slices.Max(constant))
			want += f.W * max(0, min(1, (accuracy-g)/(1-g)))
			weights += f.W
		}
		if got := score(t, b, a); !near(got, want/weights) {
			t.Fatalf("%v scores %g, want %g", a.Tickets, got, want/weights)
		}
	})
}

func TestTriageExtremes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := anyDesk(t)
		if got := score(t, b, b.keyed()); !near(got, 1) {
			t.Errorf("the key scores %g", got)
		}
		for _, x := range b.Blind() {
			if got := score(t, b, x.Answer); got > 1e-9 || x.Most != 0 {
				t.Errorf("%s scores %g, at most %g", x.Name, got, x.Most)
			}
		}
		// whatever mixture of constants and of the AI's values by field
		a := triaged(map[string]map[string]string{})
		for _, k := range b.Tickets {
			a.Tickets[k.ID] = map[string]string{}
		}
		for _, f := range b.Fields {
			constant := rapid.SampledFrom(append([]string{""}, f.Options...)).Draw(t, f.ID)
			for _, k := range b.Tickets {
				if a.Tickets[k.ID][f.ID] = constant; constant == "" {
					a.Tickets[k.ID][f.ID] = k.Prefill[f.ID]
				}
			}
		}
		if got := score(t, b, a); got > 1e-9 {
			t.Errorf("%v scores %g", a.Tickets, got)
		}
	})
}

func TestTriagePuttingAValueRightNeverLowers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := anyDesk(t)
		a := anyTriage(t, b)
		before := score(t, b, a)
		k := b.Tickets[rapid.IntRange(0, len(b.Tickets)-1).Draw(t, "ticket")]
		f := b.Fields[rapid.IntRange(0, len(b.Fields)-1).Draw(t, "field")]
		if a.Tickets[k.ID] == nil {
			a.Tickets[k.ID] = map[string]string{}
		}
		a.Tickets[k.ID][f.ID] = k.Key[f.ID]
		if after := score(t, b, a); after < before-1e-12 {
			t.Fatalf("%s of %s put right lowers %g to %g", f.ID, k.ID, before, after)
		}
	})
}

// Tickets, fields and the options of all but ordinal fields may stand in any order.
func TestTriageOrderNeverMatters(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := anyDesk(t)
		a := anyTriage(t, b)
		want := score(t, b, a)
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 2))
		r.Shuffle(len(b.Tickets), func(i, j int) { b.Tickets[i], b.Tickets[j] = b.Tickets[j], b.Tickets[i] })
		r.Shuffle(len(b.Fields), func(i, j int) { b.Fields[i], b.Fields[j] = b.Fields[j], b.Fields[i] })
		for _, f := range b.Fields {
			if o := f.Options; f.Kind != triageOrdinal {
				r.Shuffle(len(o), func(i, j int) { o[i], o[j] = o[j], o[i] })
			}
		}
		if got := score(t, b, a); math.Abs(got-want) > 1e-12 {
			t.Errorf("%g, in another order %g", want, got)
		}
	})
}

// Under-prioritising costs more than over-prioritising, and two steps off earn nothing.
func TestTriageCredit(t *testing.T) {
	b := desk()
	half := 0.6
	b.Fields[1].Over = &half
	for _, tt := range []struct {
		field    int
		key, own string
		want     float64
	}{
		{0, "net/cut", "net/cut", 1}, {0, "net/cut", "net/slow", 0.5}, {0, "net/cut", "bill/claim", 0}, {0, "net/cut", "", 0},
		{1, "P2", "P2", 1}, {1, "P2", "P1", 0.6}, {1, "P2", "P3", 0.25}, {1, "P1", "P3", 0}, {1, "P3", "P1", 0}, {1, "P3", "", 0},
		{2, "NOC", "NOC", 1}, {2, "NOC", "SEC", 0.4}, {2, "SEC", "NOC", 0}, {2, "NOC", "BILL", 0}, {2, "NOC", "", 0},
	} {
		if got := b.Fields[tt.field].credit(tt.key, tt.own); got != tt.want {
			t.Errorf("%s for %s earns %g, want %g", tt.own, tt.key, got, tt.want)
		}
	}
}

// A single ticket has nothing to be corrected by: it may be practised, and the lint says so.
func TestTriageOfOneTicket(t *testing.T) {
	b := desk()
	b.Tickets = b.Tickets[:1]
	if ps := b.Validate(); len(ps) > 0 {
		t.Fatal(ps)
	}
	if got := score(t, b, triaged(map[string]map[string]string{"a": values("net/slow", "P1", "NOC")})); !near(got, 0.875) {
		t.Errorf("half a category lost: %g", got)
	}
	if got := score(t, b, nil); got != 0 {
		t.Errorf("blank: %g", got)
	}
	wantSaid(t, b.Lint(), "tickets triage.few, tickets triage.no_false_urgency")
}

func TestTriageCritical(t *testing.T) {
	b := desk()
	for _, tt := range []struct {
		a    Answer
		want string
	}{
		{nil, ""},
		{b.keyed(), ""},
		{triaged(map[string]map[string]string{"a": {"priority": "P3"}}), "a"},
		{triaged(map[string]map[string]string{"a": {"priority": "P2"}, "b": {"priority": "P3"}}), ""},
	} {
		r, err := b.Score(Response{Answer: tt.a})
		if got := strings.Join(r.Critical, " "); err != nil || got != tt.want || got != strings.Join(r.Detail.(triageDetail).Critical, " ") {
			t.Errorf("%v: critical %q, %v", tt.a, got, err)
		}
	}
}

func TestTriageValidate(t *testing.T) {
	wrong := 1.5
	for _, tt := range []struct {
		name   string
		change func(b *ticketTriage)
		want   string
	}{
		{"sound", func(*ticketTriage) {}, ""},
		{"no fields", func(b *ticketTriage) { b.Fields, b.Tickets = nil, b.Tickets[:1]; b.Tickets[0].CriticalIf = nil },
			"fields define.count, tickets[0].key.category item.no_part, tickets[0].key.department item.no_part, tickets[0].key.priority item.no_part, tickets[0].prefill.category item.no_part, tickets[0].prefill.department item.no_part, tickets[0].prefill.priority item.no_part"},
		{"no tickets", func(b *ticketTriage) { b.Tickets = nil }, "tickets define.count"},
		{"too many tickets", func(b *ticketTriage) {
			for i := len(b.Tickets); i <= maxTickets; i++ {
				k := b.Tickets[0]
				k.ID = id(i)
				b.Tickets = append(b.Tickets, k)
			}
		}, "tickets define.count"},
		{"a field's name", func(b *ticketTriage) { b.Fields[0].ID = "Category[" }, "fields.Category[ triage.name, fields.Category[.label.zh define.required, tickets[0].key triage.no_value, tickets[0].key.category item.no_part, tickets[0].prefill triage.no_value, tickets[0].prefill.category item.no_part, tickets[1].key triage.no_value, tickets[1].key.category item.no_part, tickets[1].prefill triage.no_value, tickets[1].prefill.category item.no_part"},
		{"a label for a known field", func(b *ticketTriage) { b.Fields[0].Label = text.Text{EN: "Topic"} }, "fields.category.label.zh define.required"},
		{"weight", func(b *ticketTriage) { b.Fields[1].W = 0 }, "fields.priority.w define.weight"},
		{"weight not a number", func(b *ticketTriage) { b.Fields[1].W = math.NaN() }, "fields.priority.w define.weight"},
		{"kind", func(b *ticketTriage) { b.Fields[1].Kind = "number" }, "fields.priority.kind define.one_of"},
		{"one option", func(b *ticketTriage) {
			b.Fields[2].Options, b.Fields[2].Accept = []string{"NOC"}, nil
			b.Tickets = b.Tickets[:1]
		}, "fields.department.options define.count"},
		{"an option twice", func(b *ticketTriage) { b.Fields[1].Options = []string{"P1", "P2", "P3", "P2"} }, "fields.priority.options[3] define.repeated"},
		{"an empty option", func(b *ticketTriage) { b.Fields[0].Options = append(b.Fields[0].Options, "") }, "fields.category.options[3] define.required"},
		{"a space around an option", func(b *ticketTriage) { b.Fields[1].Options = append(b.Fields[1].Options, "P4 ") }, "fields.priority.options[3] triage.code"},
		{"a long option", func(b *ticketTriage) {
			b.Fields[1].Options = append(b.Fields[1].Options, strings.Repeat("x", maxTriageCode+1))
		}, "fields.priority.options[3] triage.code"},
		{"an option without a parent", func(b *ticketTriage) { b.Fields[0].Options = append(b.Fields[0].Options, "other", "/x", "x/") }, "fields.category.options[3] triage.path, fields.category.options[4] triage.path, fields.category.options[5] triage.path"},
		{"steps of a nominal field", func(b *ticketTriage) { b.Fields[2].Over = &wrong }, "fields.department.over triage.steps"},
		{"credit of a step", func(b *ticketTriage) { b.Fields[1].Under = &wrong }, "fields.priority.under triage.credit"},
		{"accept of a path", func(b *ticketTriage) {
			b.Fields[0].Accept = map[string]map[string]float64{"net/cut": {"net/slow": 0.7}}
		}, "fields.category.accept triage.accept"},
		{"accept of the unknown", func(b *ticketTriage) {
			b.Fields[2].Accept = map[string]map[string]float64{"X": {"NOC": 0.5}, "NOC": {"Y": 0.5}}
		}, "fields.department.accept.NOC.Y define.one_of, fields.department.accept.X define.one_of"},
		{"accept in full", func(b *ticketTriage) { b.Fields[2].Accept["NOC"] = map[string]float64{"SEC": 1} }, "fields.department.accept.NOC.SEC matching.accept"},
		{"accept of the key itself", func(b *ticketTriage) { b.Fields[2].Accept["NOC"] = map[string]float64{"NOC": 0.5} }, "fields.department.accept.NOC.NOC triage.accept_key"},
		{"no id", func(b *ticketTriage) { b.Tickets[1].ID = "" }, "tickets[1].id define.required"},
		{"an id twice", func(b *ticketTriage) { b.Tickets[1].ID = "a" }, "tickets[1].id define.repeated"},
		{"no text", func(b *ticketTriage) { b.Tickets[0].Text = text.Text{EN: "x"} }, "tickets[0].text.zh define.required"},
		{"a reason without Chinese", func(b *ticketTriage) { b.Tickets[0].Why = text.Text{EN: "x"} }, "tickets[0].why.zh define.required"},
		{"no key", func(b *ticketTriage) { delete(b.Tickets[0].Key, "priority") }, "tickets[0].key triage.no_value"},
		{"no pre-fill", func(b *ticketTriage) { b.Tickets[1].Prefill = nil }, "tickets[1].prefill triage.no_value, tickets[1].prefill triage.no_value, tickets[1].prefill triage.no_value"},
		{"an unknown key", func(b *ticketTriage) { b.Tickets[0].Key["priority"] = "P9" }, "tickets[0].key.priority define.one_of"},
		{"a key for no field", func(b *ticketTriage) { b.Tickets[0].Key["colour"] = "red" }, "tickets[0].key.colour item.no_part"},
		{"critical in no field", func(b *ticketTriage) { b.Tickets[0].CriticalIf["colour"] = Words{"red"} }, "tickets[0].critical_if.colour item.no_part"},
		{"critical and unknown", func(b *ticketTriage) { b.Tickets[0].CriticalIf["priority"] = Words{"P3", "P9"} }, "tickets[0].critical_if.priority[1] define.one_of"},
		{"critical and right", func(b *ticketTriage) { b.Tickets[0].CriticalIf["priority"] = Words{"P1"} }, "tickets[0].critical_if.priority triage.critical_key"},
		{"feedback of no field", func(b *ticketTriage) { b.Feedback = map[string]text.Text{"a": same("因")} }, "feedback.a item.no_part"},
		{"the same key everywhere", func(b *ticketTriage) { b.Tickets[1].Key["department"] = "NOC" }, "fields.department triage.constant"},
		{"the AI is always right", func(b *ticketTriage) { b.Tickets[1].Prefill["department"] = "BILL" }, "fields.department triage.constant"},
		{"another method", func(b *ticketTriage) { b.Scoring.Method = "ordering" }, "scoring.method item.method"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := desk()
			tt.change(b)
			wantSaid(t, b.Validate(), tt.want)
		})
	}
}

func TestTriageLint(t *testing.T) {
	wide := func() *ticketTriage { // five tickets that have nothing to be said of
		b := &ticketTriage{Fields: desk().Fields[1:]}
		b.Fields[0].Options = []string{"P1", "P2", "P3", "P4"}
		for i, k := range [][4]string{{"P1", "NOC", "P3", "SEC"}, {"P4", "SEC", "P1", "SEC"}, {"P2", "BILL", "P2", "NOC"}, {"P3", "NOC", "P4", "BILL"}, {"P1", "BILL", "P1", "BILL"}} {
			b.Tickets = append(b.Tickets, triageTicket{ID: id(i), Text: same("文"), Why: same("因"),
				Key: map[string]string{"priority": k[0], "department": k[1]}, Prefill: map[string]string{"priority": k[2], "department": k[3]}})
		}
		b.Tickets[0].CriticalIf = map[string]Words{"priority": {"P3"}}
		return b
	}
	for _, tt := range []struct {
		name   string
		change func(b *ticketTriage)
		want   string
	}{
		{"sound", func(*ticketTriage) {}, ""},
		{"few", func(b *ticketTriage) { b.Tickets = b.Tickets[:4] }, "tickets triage.few"},
		{"one value everywhere", func(b *ticketTriage) {
			for i := range 3 {
				b.Tickets[i].Key["department"] = "NOC"
			}
		}, "fields.department triage.blind"},
		{"the AI is often right", func(b *ticketTriage) {
			for i := range 4 {
				b.Tickets[i].Prefill["department"] = b.Tickets[i].Key["department"]
			}
			b.Tickets[4].Prefill["department"] = "NOC"
		}, "fields.department triage.blind"},
		{"the AI is nearly always right", func(b *ticketTriage) {
			for i := range b.Tickets {
				for f, v := range b.Tickets[i].Key {
					b.Tickets[i].Prefill[f] = v
				}
			}
			b.Tickets[0].Prefill["priority"], b.Tickets[1].Prefill["priority"], b.Tickets[2].Prefill["department"] = "P3", "P1", "NOC"
		}, "fields.department triage.blind, fields.priority triage.blind, tickets triage.prefill"},
		{"no false urgency", func(b *ticketTriage) { b.Tickets[1].Prefill["priority"], b.Tickets[2].Prefill["priority"] = "P4", "P4" }, "tickets triage.no_false_urgency"},
		{"no calm danger", func(b *ticketTriage) { b.Tickets[0].CriticalIf = nil }, "tickets triage.no_calm_danger"},
		{"danger that the AI sees", func(b *ticketTriage) { b.Tickets[0].Prefill["priority"], b.Tickets[2].Prefill["priority"] = "P1", "P3" }, "tickets triage.no_calm_danger"},
		{"no reason", func(b *ticketTriage) { b.Tickets[2].Why = text.Text{} }, "tickets[2].why item.no_why"},
		{"unsound", func(b *ticketTriage) { b.Tickets[2].ID = "" }, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := wide()
			tt.change(b)
			wantSaid(t, b.Lint(), tt.want)
		})
	}
}

// The page shows the AI's values where nobody worked, and tells what was done where somebody did; it is the same for everybody, since codes are read.
func TestTriagePrompt(t *testing.T) {
	b := desk()
	states := func(a Answer) string {
		var out []string
		p := b.Prompt(Seen(text.ZH, 3), a).(TriagePrompt)
		for _, k := range p.Tickets {
			chosen := ""
			for _, f := range k.Fields {
				for _, o := range f.Options {
					if o.AI != (o.Value == f.AI) {
						t.Errorf("%s is marked %v, the AI's is %s", o.Value, o.AI, f.AI)
					}
					if o.Chosen {
						chosen += " " + string(o.Value)
					}
				}
			}
			out = append(out, fmt.Sprintf("%s %d %v%s", k.ID, k.Changed, k.Accepted, chosen))
		}
		return strings.Join(out, ", ")
	}
	for _, tt := range []struct {
		a    Answer
		want string
	}{
		{nil, "t1 0 false net/slow P2 NOC, t2 0 false net/slow P1 SEC"},
		{triaged(map[string]map[string]string{"a": values("net/slow", "P2", "NOC")}), "t1 0 true net/slow P2 NOC, t2 0 false net/slow P1 SEC"},
		{triaged(map[string]map[string]string{"b": values("net/slow", "P3", "BILL")}), "t1 0 false net/slow P2 NOC, t2 2 false net/slow P3 BILL"},
		{triaged(map[string]map[string]string{"a": {"priority": "P2"}}), "t1 2 false P2, t2 0 false net/slow P1 SEC"},
	} {
		if got := states(tt.a); got != tt.want {
			t.Errorf("%v shows %s, want %s", tt.a, got, tt.want)
		}
	}
	if one, other := fmt.Sprint(b.Prompt(Seen(text.EN, 1), nil)), fmt.Sprint(b.Prompt(Seen(text.EN, 2), nil)); one != other {
		t.Errorf("two people see\n%s\n%s", one, other)
	}
}

func TestOpening(t *testing.T) {
	for said, want := range map[string]string{
		"":       "",
		"家里没网了。": "家里没网了。",
		"家里没网了，我看了下光猫，外壳鼓起来":                          "家里没网了，我看了下光猫，外…",
		"We have no internet. I looked at the modem.": "We have no internet. I…",
		"!!!马上给我解决!!!你们怎么回事":                          "!!!马上给我解决!!!你们怎么回…",
		strings.Repeat("x", 40):                       strings.Repeat("x", 28) + "…",
	} {
		if got := opening(said); got != want {
			t.Errorf("%q opens with %q, want %q", said, got, want)
		}
	}
}

func TestTriageExplain(t *testing.T) {
	b := desk()
	b.Feedback = map[string]text.Text{"priority": same("看危险")}
	e := b.Explain(Seen(text.ZH, 1), triaged(map[string]map[string]string{"a": values("net/slow", "P3", "SEC"), "b": {"priority": "P3", "category": "bill/claim"}})).(TriageExplained)
	rows := func(k TriageTold) (out []string) {
		for _, r := range k.Rows {
			out = append(out, fmt.Sprintf("%s %s %d/%d ai %v kept %v", r.Key, r.Mark, r.High, r.Low, r.AIRight, r.Kept))
		}
		return out
	}
	for i, want := range [][]string{
		{"net/cut near 0/0 ai false kept true", "P1 wrong 0/2 ai false kept false", "NOC near 0/0 ai true kept false"},
		{"bill/claim hit 0/0 ai false kept false", "P3 hit 0/0 ai false kept false", "BILL blank 0/0 ai false kept false"},
	} {
		if got := rows(e.Tickets[i]); !slices.Equal(got, want) {
			t.Errorf("ticket %d: %q", i+1, got)
		}
	}
	if k := e.Tickets[0]; !k.Critical || !k.Worked || k.Right != 0 || e.Tickets[1].Critical || e.Tickets[1].Right != 2 {
		t.Errorf("%+v", e.Tickets)
	}
	if e.AIWrong != 5 || e.AIRight != 1 || e.Mended != 2 || e.Kept != 1 || e.Spoilt != 1 {
		t.Errorf("the AI was wrong %d, right %d; mended %d, kept %d, spoilt %d", e.AIWrong, e.AIRight, e.Mended, e.Kept, e.Spoilt)
	}
	if f := e.Fields[1]; f.Hit != 1 || f.Off != 1 || f.Accuracy != 50 || f.Blind != 50 || f.Credit != 0 || f.Why != "看危险" {
		t.Errorf("%+v", f)
	}
	if f := e.Fields[2]; f.Hit != 0 || f.Off != 1 {
		t.Errorf("%+v", f)
	}
	l := e.Ladders[0]
	if len(e.Ladders) != 1 || l.Right != 1 || l.Low != 1 || l.High != 0 || l.Left != 0 {
		t.Errorf("%+v", e.Ladders)
	}
	if c := l.Rows[0].Cells[2]; c != (TriageLadderCell{N: 1, Mark: "low", Shade: 3, Critical: true}) {
		t.Errorf("P1 put down as P3: %+v", c)
	}
	if c := l.Rows[2].Cells[0]; c != (TriageLadderCell{Mark: "high"}) {
		t.Errorf("P3 put up as P1: %+v", c)
	}
}

// The sentence to remember is of what matters most.
func TestTriageRemember(t *testing.T) {
	key := desk().keyed().Tickets
	change := func(changes ...string) map[string]map[string]string { // "a priority P2"
		out := map[string]map[string]string{}
		for k, v := range key {
			out[k] = map[string]string{}
			for f, x := range v {
				out[k][f] = x
			}
		}
		for _, c := range changes {
			w := strings.Fields(c)
			out[w[0]][w[1]] = w[2]
		}
		return out
	}
	for _, tt := range []struct {
		given map[string]map[string]string
		key   string
		args  []any
	}{
		{nil, "triage.remember.blank", nil},
		{change(), "triage.remember.good", nil},
		{change("a priority P3"), "triage.remember.critical", []any{"tickets", "1"}},
		{map[string]map[string]string{"a": key["a"]}, "triage.remember.unfinished", []any{"n", 1}},
		{change("a category net/slow", "b category net/slow"), "triage.remember.trust", []any{"wrong", 5, "kept", 2}},
		{change("b priority P2"), "triage.remember.field", []any{"field", "优先级", "n", 1}},
		{change("b department NOC", "a department BILL"), "triage.remember.field", []any{"field", "部门", "n", 2}},
	} {
		e := desk().Explain(Plain(text.ZH), triaged(tt.given)).(TriageExplained)
		if want := text.Say(text.ZH, tt.key, tt.args...); e.Remember != want {
			t.Errorf("%v: %s, want %s", tt.given, e.Remember, want)
		}
	}
	for _, tt := range []struct {
		d    triageDetail
		want string
	}{
		{triageDetail{Kept: 2}, "triage.remember.trust"},
		{triageDetail{Low: 2, High: 1}, "triage.remember.low"},
		{triageDetail{Low: 1, High: 2}, "triage.remember.high"},
		{triageDetail{Low: 2, High: 2, Spoilt: 2}, "triage.remember.spoilt"},
	} {
		e := TriageExplained{Tickets: []TriageTold{{N: 1, Worked: true}}, Fields: []TriageToldField{{Label: "项", Off: 1}}, AIWrong: 6}
		args := []any{"wrong", 6, "kept", tt.d.Kept, "low", tt.d.Low, "high", tt.d.High, "n", tt.d.Spoilt}
		for _, l := range text.Langs {
			if got := e.remember(l, tt.d); got != text.Say(l, tt.want, args...) {
				t.Errorf("%+v: %s", tt.d, got)
			}
		}
	}
}
