package item

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"leida/internal/fault"
	"leida/internal/text"
)

// proposalOf has two sections, three checks of one weight, and a rubric of halves.
func proposalOf() *proposal {
	check := func(id string, key string) field {
		return field{ID: id, W: 1, Kind: singleField, Label: same("问" + id), Options: []Part{{"a", same("甲案")}, {"b", same("乙案")}, {"c", same("丙案")}, {"d", same("丁案")}, {"e", same("戊案")}}, Key: Words{key}, Why: same("因为")}
	}
	least := Limits{Min: 10, Max: 60}
	return &proposal{Sections: []Part{{"what", same("做什么")}, {"how", same("怎么验")}}, Checks: fieldSet{check("c1", "b"), check("c2", "c"), check("c3", "d")},
		By: rubricOf(0.5, 0.3, 0.2), Scoring: proposalScoring{Limits: least}, Rationale: Rationale{Why: same("数字先行")}}
}

func proposed(words string, checks ...string) proposalAnswer {
	a := proposalAnswer{Sections: map[string]string{}, Checks: fieldAnswers{}}
	if words != "" {
		a.Sections["what"] = words
	}
	for i, c := range checks {
		a.Checks[fmt.Sprintf("c%d", i+1)] = c
	}
	return a
}

const enough = "写够十个字就可以送去评了。"

func TestProposalScore(t *testing.T) {
	b := proposalOf()
	wantSaid(t, b.Validate(), "")
	top := []Rating{rated("a", 4, 4, 4), rated("b", 4, 4, 4)}
	low := []Rating{rated("a", 1, 1, 1), rated("b", 1, 1, 1)}
	for _, tt := range []struct {
		name    string
		a       Answer
		ratings []Rating
		score   float64
		pending bool
		checks  float64
	}{
		{"everything", proposed(enough, "b", "c", "d"), top, 1, false, 1},
		{"a slogan with the checks", proposed(enough, "b", "c", "d"), low, 0.55, false, 1},
		{"a slogan with one check", proposed(enough, "b"), low, 0.4/3 + 0.15, false, 1.0 / 3},
		{"only the text", proposed(enough), top, 0.6, false, 0},
		{"nobody has rated", proposed(enough, "b", "c"), nil, 0, true, 2.0 / 3},
		{"one has", proposed(enough, "b", "c"), top[:1], 0, true, 2.0 / 3},
		{"capped", proposed(enough, "b", "c", "d"), []Rating{rated("a", 4, 4, 4).at("claim"), rated("b", 4, 4, 4).at("claim")}, 0.6, false, 1},
		{"too short, whatever the checks", proposed("不够", "b", "c", "d"), top, 0, false, 1},
		{"only the checks", proposed("", "b", "c", "d"), nil, 0, false, 1},
		{"blank", nil, nil, 0, false, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			res, err := b.Score(Response{Answer: tt.a, Ratings: tt.ratings, Measures: []Measure{{"A.1", 0.75}, {"B.1", 0.25}}})
			d, _ := res.Detail.(proposalDetail)
			if err != nil || !near(res.Score, tt.score) || res.Pending != tt.pending || !near(d.Checks, tt.checks) {
				t.Fatalf("%+v, %v", res, err)
			}
			if tt.pending && (len(res.Shares) != 2 || !near(res.Shares[0].Part, 0.3) || !near(res.Shares[0].Score, tt.checks) || res.Shares[0].Rater || !near(res.Shares[1].Part, 0.1)) {
				t.Errorf("the checks are not evidence at once: %+v", res.Shares)
			}
			if one := len(tt.ratings) == 1; one != (d.Provisional != nil) || one && !near(*d.Provisional, 0.4*2/3+0.6) {
				t.Errorf("provisional: %+v", d)
			}
		})
	}
	if _, err := b.Score(Response{Answer: proposed(enough), Ratings: []Rating{rated("a", 1)}}); !fault.Is(err, fault.Invalid) {
		t.Errorf("half a rating: %v", err)
	}
}

// A right check in place of a wrong one, or a level more from both raters, never lowers the score; the evidence is complete and comes to the score.
func TestProposalProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := proposalOf()
		value := rapid.SampledFrom([]string{"a", "b", "c", "d", "e"})
		a := proposed(enough, value.Draw(t, "c1"), value.Draw(t, "c2"), value.Draw(t, "c3"))
		resp := Response{Answer: a, Ratings: anyRatings(t, b.By, 2), Measures: []Measure{{"A.1", 0.5}, {"B.1", 0.5}}}
		res, err := b.Score(resp)
		if err != nil {
			t.Fatal(err)
		}
		parts, worth := 0.0, 0.0
		for _, x := range res.Shares {
			parts, worth = parts+x.Part, worth+x.Part*x.Score
		}
		if !res.Pending && (!near(parts, 1) || !near(worth, res.Score)) || res.Pending && !near(parts, 0.4) {
			t.Fatalf("%+v", res)
		}
		i := rapid.IntRange(0, 2).Draw(t, "put right")
		a.Checks[b.Checks[i].ID] = b.Checks[i].Key[0]
		better, _ := b.Score(resp)
		if better.Score < res.Score-1e-12 {
			t.Fatalf("a right check lowers %g to %g", res.Score, better.Score)
		}
	})
}

func TestProposalShares(t *testing.T) {
	p := func(x float64) *float64 { return &x }
	for _, tt := range []struct {
		s    proposalScoring
		want float64
		said string
	}{
		{proposalScoring{}, 0.4, ""},
		{proposalScoring{Checks: p(0.3)}, 0.3, ""},
		{proposalScoring{Rubric: p(0.75)}, 0.25, ""},
		{proposalScoring{Checks: p(0.3), Rubric: p(0.7)}, 0.3, ""},
		{proposalScoring{Checks: p(0.3), Rubric: p(0.6)}, 0.3, "scoring.rubric_share define.sum"},
		{proposalScoring{Checks: p(0)}, 0, "scoring.objective_share proposal.share"},
		{proposalScoring{Rubric: p(1)}, 0, "scoring.rubric_share proposal.share"},
		{proposalScoring{Scoring: Scoring{Method: "fields"}}, 0.4, "scoring.method item.method"},
		{proposalScoring{Limits: Limits{Min: 50, Max: 40}}, 0.4, "scoring.max_chars writing.min_above_max"},
	} {
		if got := tt.s.share(); !near(got, tt.want) {
			t.Errorf("%+v: %g, want %g", tt.s, got, tt.want)
		}
		wantSaid(t, tt.s.validate(), tt.said)
	}
	for l, want := range map[Limits]Limits{{}: {Min: 300}, {Max: 900}: {Min: 300, Max: 900}, {Max: 200}: {Min: 200, Max: 200}, {Min: 20}: {Min: 20}} {
		if got := (proposalScoring{Limits: l}).limits(); got != want {
			t.Errorf("%+v becomes %+v", l, got)
		}
	}
}

func TestProposalValidate(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(b *proposal)
		want   string
	}{
		{"sound", func(*proposal) {}, ""},
		{"feedback of every part", func(b *proposal) {
			b.Feedback = map[string]text.Text{"what": same("一"), "c1": same("二"), "p0": same("三"), "leak": same("四")}
		}, ""},
		{"feedback of nothing", func(b *proposal) { b.Feedback = map[string]text.Text{"zz": same("一")} }, "feedback.zz item.no_part"},
		{"no sections", func(b *proposal) { b.Sections = nil }, "sections define.count"},
		{"thirteen", func(b *proposal) { b.Sections = parts(13) }, "sections define.count"},
		{"a section twice", func(b *proposal) { b.Sections[1].ID = "what" }, "sections[1].id define.repeated"},
		{"no checks", func(b *proposal) { b.Checks = nil }, "checks define.count"},
		{"a check without its key", func(b *proposal) { b.Checks[1].Key = Words{"zz"} }, "checks[1].key[0] item.no_part"},
		{"no rubric", func(b *proposal) { b.By = Rubric{} }, "rubric define.count"},
		{"a row too short", func(b *proposal) {
			b.Tables = []Table{{ID: "x", DataTable: DataTable{Columns: []string{"a", "b"}, Rows: [][]string{{"1"}}}}}
		}, "tables.x.rows[0] item.row"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := proposalOf()
			tt.change(b)
			wantSaid(t, b.Validate(), tt.want)
		})
	}
}

func TestProposalLint(t *testing.T) {
	b := proposalOf()
	wantSaid(t, b.Lint(), "")
	b.Checks = b.Checks[:2]
	wantSaid(t, b.Lint(), "checks proposal.checks")
	b = proposalOf()
	for i := range b.Checks {
		b.Checks[i].Options[1].Text = same("很长很长的选项")
		b.Checks[i].Key = Words{"b"}
	}
	if got := said(b.Lint()); !strings.Contains(got, "checks proposal.slogan") {
		t.Error(got)
	}
	if b.Sections = nil; b.Lint() != nil {
		t.Error("what is unsound is not looked over")
	}
}

// Sections are read in their order until the limit is reached; what is behind it is kept and told apart.
func TestProposalWritten(t *testing.T) {
	b := proposalOf()
	b.Scoring.Limits = Limits{Min: 2, Max: 8}
	a := proposed("一二三四五六")
	a.Sections["how"] = "七 八九十"
	got := b.Written(a)
	if len(got) != 2 || got[0].Text != "一二三四五六" || got[1].Text != "七 八" || got[1].Over != "九十" || got[1].Title.ZH != "怎么验" {
		t.Errorf("%+v", got)
	}
	p := b.Prompt(Seen(text.ZH, 1), a).(ProposalPrompt)
	if p.Length != (Length{Chars: 10, Min: 2, Max: 8, Over: 2}) || p.Sections[1].Name != "sections[s2]" || p.Sections[1].Chars != 4 || p.Checks.Fields[0].Name != "checks[f1]" || p.Open != 0 || p.Criteria != nil {
		t.Errorf("%+v", p)
	}
	b.Feedback = map[string]text.Text{"how": same("写对照")}
	e := b.Account(Plain(text.ZH), Response{Answer: a}).(ProposalExplained)
	if len(e.Written) != 2 || e.Written[1].Over != "九十" || len(e.Sections) != 1 || e.Sections[0].Why != "写对照" || e.Checks.Share != 40 || e.Rated.State != "first" {
		t.Errorf("%+v", e)
	}
	b.Scoring.Limits.Max = 0
	if got := b.Written(a); got[1].Over != "" {
		t.Errorf("without a limit: %+v", got)
	}
	if got := b.Written(nil); got != nil {
		t.Errorf("nothing: %+v", got)
	}
}

// An imitated proposal is long enough to be rated, and the able are right more often.
func TestImitatedProposal(t *testing.T) {
	b := proposalOf()
	b.Scoring.Limits = Limits{Min: 120}
	r := rand.New(rand.NewPCG(4, 4))
	var right [2]float64
	for i, ability := range []float64{0.1, 0.95} {
		for range 100 {
			a := b.Imitate(ability, r).(proposalAnswer)
			if b.chars(a) < 120 {
				t.Fatalf("%d characters: %+v", b.chars(a), a)
			}
			right[i] += b.Checks.mark(a.Checks, checkRules).Q / 100
		}
	}
	if !(right[0] < 0.45 && right[1] > 0.85) {
		t.Errorf("checks of the less able and the able: %.2f", right)
	}
	b.By.Anchors = nil
	if a := b.Imitate(0.9, r).(proposalAnswer); len(a.Sections) != 0 {
		t.Errorf("without anchors %+v is written", a)
	}
}
