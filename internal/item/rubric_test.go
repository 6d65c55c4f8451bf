package item

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"leida/internal/fault"
	"leida/internal/text"
)

func levels(at string) map[string]text.Text {
	out := map[string]text.Text{}
	for n := range MaxLevel + 1 {
		out[fmt.Sprint(n)] = same(fmt.Sprintf("%s级%d", at, n))
	}
	return out
}

// rubricOf is a rubric of criteria with the given weights, with a critical gate and one that caps at 0.6.
func rubricOf(weights ...float64) Rubric {
	r := Rubric{Gates: []Gate{
		{ID: "leak", Text: same("泄露"), Effect: Critical},
		{ID: "claim", Text: same("夸口"), Effect: Cap, Cap: 0.6},
	}}
	for i, w := range weights {
		r.Criteria = append(r.Criteria, Criterion{ID: id(i), W: w, Sub: fmt.Sprintf("A.%d", i%2+1), Title: same(fmt.Sprintf("题%d", i)), Levels: levels(id(i))})
	}
	for _, level := range []int{4, 1} {
		a := Anchor{Scores: map[string]int{}, Text: same(fmt.Sprintf("第一句写得不短。第二句也不短。示例%d。", level))}
		for i := range weights {
			a.Scores[id(i)] = level
		}
		r.Anchors = append(r.Anchors, a)
	}
	return r
}

// rated is one rater's levels in the order of the criteria.
func rated(rater string, levels ...float64) Rating {
	r := Rating{Rater: rater, Levels: map[string]float64{}}
	for i, level := range levels {
		r.Levels[id(i)] = level
	}
	return r
}

func (r Rating) at(gates ...string) Rating { r.Gates = gates; return r }

func TestRubricVectors(t *testing.T) {
	raw, err := os.ReadFile("testdata/constructed/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Rows []struct {
			Case   string
			Answer struct {
				Criteria   []Criterion
				R1, R2, R3 map[string]float64
			}
			Score  *float64
			Detail struct{ Adjudicate []string }
		}
	}
	if err := json.Unmarshal(raw, &file); err != nil || len(file.Rows) != 4 {
		t.Fatal(err, len(file.Rows))
	}
	for _, row := range file.Rows {
		t.Run(row.Case, func(t *testing.T) {
			ratings := []Rating{{Rater: "1", Levels: row.Answer.R1}, {Rater: "2", Levels: row.Answer.R2}}
			if row.Answer.R3 != nil {
				ratings = append(ratings, Rating{Rater: "3", Levels: row.Answer.R3})
			}
			got, err := Rubric{Criteria: row.Answer.Criteria}.Resolve(ratings)
			if err != nil || got.NeedsThird() != (row.Score == nil) || !slices.Equal(got.Apart, row.Detail.Adjudicate) {
				t.Fatalf("%+v, %v", got, err)
			}
			if row.Score != nil && math.Abs(got.Score-*row.Score) > 1e-6 {
				t.Errorf("%g, want %g", got.Score, *row.Score)
			}
		})
	}
}

func TestResolve(t *testing.T) {
	r := rubricOf(0.5, 0.5)
	for _, tt := range []struct {
		name    string
		ratings []Rating
		want    string // final for one rater, for two; score; apart; split; gates; cap
	}{
		{"nobody", nil, "false false 0 [] [] [] 1"},
		{"one", []Rating{rated("a", 3, 1)}, "true false 0.5 [] [] [] 1"},
		{"one who sets a gate", []Rating{rated("a", 3, 1).at("claim")}, "false false 0.5 [] [claim] [] 1"},
		{"agreed", []Rating{rated("a", 3, 1), rated("b", 3, 1)}, "true true 0.5 [] [] [] 1"},
		{"a level apart", []Rating{rated("a", 3, 1), rated("b", 4, 2)}, "true true 0.625 [] [] [] 1"},
		{"half a level more", []Rating{rated("a", 3, 1), rated("b", 3, 2.5)}, "false false 0.375 [p1] [] [] 1"},
		{"settled by the third", []Rating{rated("a", 3, 1), rated("b", 3, 2.5), rated("c", 0, 2)}, "true true 0.65625 [p1] [] [] 1"},
		{"a third whom nobody needed", []Rating{rated("a", 3, 1), rated("b", 3, 1), rated("c", 0, 4)}, "true true 0.5 [] [] [] 1"},
		{"a gate of two", []Rating{rated("a", 4, 4).at("claim", "leak"), rated("b", 4, 4).at("leak", "claim")}, "true true 1 [] [] [leak claim] 0.6"},
		{"a gate of one", []Rating{rated("a", 4, 4).at("leak"), rated("b", 4, 4)}, "false false 1 [] [leak] [] 1"},
		{"a gate of the second", []Rating{rated("a", 4, 4), rated("b", 4, 4).at("claim")}, "false false 1 [] [claim] [] 1"},
		{"a gate that the third confirms", []Rating{rated("a", 4, 4).at("leak"), rated("b", 4, 4), rated("c", 4, 4).at("leak")}, "true true 1 [] [leak] [leak] 1"},
		{"a gate that the third does not see", []Rating{rated("a", 4, 4).at("leak"), rated("b", 4, 4), rated("c", 4, 4)}, "true true 1 [] [leak] [] 1"},
		{"a gate of the third alone", []Rating{rated("a", 4, 0), rated("b", 4, 4), rated("c", 4, 4).at("leak")}, "true true 1 [p1] [] [] 1"},
		{"two gates of different raters", []Rating{rated("a", 4, 4).at("leak"), rated("b", 4, 4).at("claim"), rated("c", 4, 4).at("claim")}, "true true 1 [] [leak claim] [claim] 0.6"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := r.Resolve(tt.ratings)
			got := fmt.Sprint(s.Final(true), s.Final(false), s.Score, s.Apart, s.Split, s.Gates, s.Cap)
			if err != nil || got != tt.want {
				t.Errorf("%s, %v, want %s", got, err, tt.want)
			}
		})
	}
}

func TestRatingsRefused(t *testing.T) {
	r := rubricOf(0.5, 0.5)
	for _, tt := range []struct {
		name    string
		ratings []Rating
		want    string
	}{
		{"a level is missing", []Rating{rated("a", 3)}, "ratings[0].levels.p1 define.required"},
		{"above the top", []Rating{rated("a", 3, 4.5)}, "ratings[0].levels.p1 rubric.level"},
		{"below the bottom", []Rating{rated("a", 3, -1)}, "ratings[0].levels.p1 rubric.level"},
		{"a quarter", []Rating{rated("a", 3, 2.25)}, "ratings[0].levels.p1 rubric.level"},
		{"no number", []Rating{rated("a", 3, math.NaN())}, "ratings[0].levels.p1 rubric.level"},
		{"endless", []Rating{rated("a", 3, math.Inf(1))}, "ratings[0].levels.p1 rubric.level"},
		{"no such criterion", []Rating{rated("a", 3, 3, 3)}, "ratings[0].levels.p2 item.no_part"},
		{"no such gate", []Rating{rated("a", 3, 3).at("zz")}, "ratings[0].gates[0] item.no_part"},
		{"a gate twice", []Rating{rated("a", 3, 3).at("leak", "leak")}, "ratings[0].gates[1] define.repeated"},
		{"no name", []Rating{rated("", 3, 3)}, "ratings[0].rater define.required"},
		{"the same rater twice", []Rating{rated("a", 3, 3), rated("a", 3, 3)}, "ratings[1].rater define.repeated"},
		{"four", []Rating{rated("a", 3, 3), rated("b", 3, 3), rated("c", 3, 3), rated("d", 3, 3)}, "ratings define.count"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := r.Resolve(tt.ratings)
			if f := fault.As(err); f == nil || f.Kind != fault.Invalid {
				t.Fatal(err)
			}
			wantSaid(t, fault.As(err).Problems, tt.want)
		})
	}
}

// anyRubric has criteria of random weights.
func anyRubric(t *rapid.T) Rubric {
	ws := rapid.SliceOfN(rapid.IntRange(1, 9), 1, 6).Draw(t, "weights")
	sum := 0
	for _, w := range ws {
		sum += w
	}
	weights := make([]float64, len(ws))
	for i, w := range ws {
		weights[i] = float64(w) / float64(sum)
	}
	return rubricOf(weights...)
}

func anyRatings(t *rapid.T, r Rubric, least int) []Rating {
	out := make([]Rating, rapid.IntRange(least, MaxRaters).Draw(t, "raters"))
	for i := range out {
		out[i] = Rating{Rater: string(rune('a' + i)), Levels: map[string]float64{}}
		for _, c := range r.Criteria {
			out[i].Levels[c.ID] = float64(rapid.IntRange(0, 2*MaxLevel).Draw(t, "level")) / 2
		}
		for _, g := range r.Gates {
			if rapid.Bool().Draw(t, g.ID) {
				out[i].Gates = append(out[i].Gates, g.ID)
			}
		}
	}
	return out
}

// The rule said in other words gives the same; who of the two came first never matters; a level never leaves the span of those given.
func TestResolveIsTheRule(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := anyRubric(t)
		xs := anyRatings(t, r, 2)
		got, err := r.Resolve(xs)
		if err != nil {
			t.Fatal(err)
		}
		want := 0.0
		for _, c := range r.Criteria {
			a, b := xs[0].Levels[c.ID], xs[1].Levels[c.ID]
			level := (a + b) / 2
			if math.Abs(a-b) > 1 {
				if len(xs) == 2 {
					if _, known := got.Levels[c.ID]; known || !got.NeedsThird() {
						t.Fatalf("%s has a level without a third rater: %+v", c.ID, got)
					}
					continue
				}
				third := xs[2].Levels[c.ID]
				switch near, far := min(math.Abs(third-a), math.Abs(third-b)), max(math.Abs(third-a), math.Abs(third-b)); {
				case near == far:
					level = third
				case near == math.Abs(third-a):
					level = (third + a) / 2
				default:
					level = (third + b) / 2
				}
			}
			lo, hi := 4.0, 0.0
			for _, x := range xs {
				lo, hi = min(lo, x.Levels[c.ID]), max(hi, x.Levels[c.ID])
			}
			if l := got.Levels[c.ID]; !near(l, level) || l < lo || l > hi {
				t.Fatalf("%s is at %g, want %g between %g and %g", c.ID, l, level, lo, hi)
			}
			want += c.W * level / 4
		}
		if !near(got.Score, want) && !got.NeedsThird() {
			t.Fatalf("%g, want %g", got.Score, want)
		}
		xs[0], xs[1] = xs[1], xs[0]
		if other, _ := r.Resolve(xs); fmt.Sprint(other) != fmt.Sprint(got) {
			t.Fatalf("%+v, the other way round %+v", got, other)
		}
		// gates: two of all who rated
		for _, g := range r.Gates {
			n := 0
			for _, x := range xs {
				n += has(slices.Contains(x.Gates, g.ID))
			}
			if slices.Contains(got.Gates, g.ID) != (n >= 2) {
				t.Fatalf("%s was set by %d: %v", g.ID, n, got.Gates)
			}
		}
	})
}

// The top level from everybody in place of what they gave never lowers a score.
func TestTheTopNeverLowers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := anyRubric(t)
		xs := anyRatings(t, r, 2)
		before, _ := r.Resolve(xs)
		if before.NeedsThird() {
			return
		}
		which := rapid.SampledFrom(r.criteria()).Draw(t, "criterion")
		for _, x := range xs {
			x.Levels[which] = MaxLevel
		}
		if after, _ := r.Resolve(xs); after.Score < before.Score-1e-12 {
			t.Fatalf("%g, then %g", before.Score, after.Score)
		}
	})
}

// Evidence is complete, is no more than the score, and there is one record at most for each sub-competency and source.
func TestSharesAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := anyRubric(t)
		xs := anyRatings(t, r, 0)
		share, auto := rapid.SampledFrom([]float64{0, 0.4, 0.75}).Draw(t, "share"), rapid.Float64Range(0, 1).Draw(t, "auto")
		resp := Response{Answer: constructedAnswer{"x"}, Ratings: xs, Measures: []Measure{{"A.1", 0.7}, {"B.1", 0.3}}, OneRater: rapid.Bool().Draw(t, "one is enough")}
		res, d, err := r.judge(resp, share, auto)
		if err != nil {
			t.Fatal(err)
		}
		parts, worth := 0.0, 0.0
		seen := map[string]bool{}
		for _, x := range res.Shares {
			key := fmt.Sprint(x.Sub, x.Rater)
			if seen[key] || x.Part <= 0 || x.Score < -1e-12 || x.Score > 1+1e-12 {
				t.Fatalf("%+v", res.Shares)
			}
			seen[key] = true
			parts += x.Part
			worth += x.Part * x.Score
		}
		whole := 1.0
		if res.Pending {
			whole = share
			if !near(worth, share*auto) || res.Score != 0 || d.Rubric != nil {
				t.Fatalf("pending, and %+v %+v", res, d)
			}
			if (d.Provisional != nil) != (len(xs) == 1) {
				t.Fatalf("provisional of %d raters: %+v", len(xs), d)
			}
		} else if !near(worth, res.Score) {
			t.Fatalf("the evidence comes to %g, the score is %g", worth, res.Score)
		}
		if !near(parts, whole) {
			t.Fatalf("parts come to %g: %+v", parts, res.Shares)
		}
		if s, _ := r.Resolve(xs); res.Pending == s.Final(resp.OneRater) {
			t.Fatalf("pending %v, %+v", res.Pending, s)
		}
	})
}

// A cap takes from what people rated before it takes from what was marked without them.
func TestCapTakesFromTheRatedFirst(t *testing.T) {
	r := rubricOf(0.5, 0.5)
	both := []Rating{rated("a", 4, 4).at("claim"), rated("b", 4, 4).at("claim")}
	for _, tt := range []struct {
		cap   float64
		quiz  float64 // of the measure
		rated float64
	}{{0.7, 1, 0.5}, {0.4, 1, 0}, {0.2, 0.5, 0}} {
		r.Gates[1].Cap = tt.cap
		res, _, err := r.judge(Response{Ratings: both, Measures: []Measure{{"A.1", 1}}}, 0.4, 1)
		if err != nil || !near(res.Score, tt.cap) || len(res.Shares) != 3 || !near(res.Shares[0].Score, tt.quiz) || !near(res.Shares[1].Score, tt.rated) || !near(res.Shares[2].Score, tt.rated) {
			t.Errorf("capped at %g: %+v, %v", tt.cap, res, err)
		}
	}
}

func TestRubricValidate(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(r *Rubric)
		want   string
	}{
		{"sound", func(*Rubric) {}, ""},
		{"no gates or anchors", func(r *Rubric) { r.Gates, r.Anchors = nil, nil }, ""},
		{"no criteria", func(r *Rubric) { r.Criteria, r.Anchors = nil, nil }, "rubric define.count"},
		{"thirteen", func(r *Rubric) {
			r.Criteria, r.Anchors = nil, nil
			for i := range 13 {
				r.Criteria = append(r.Criteria, Criterion{ID: id(i), W: 1.0 / 13, Title: same("题"), Levels: levels("x")})
			}
		}, "rubric define.count"},
		{"id", func(r *Rubric) { r.Criteria[0].ID = ""; r.Anchors = nil }, "rubric[0].id define.required"},
		{"id twice", func(r *Rubric) { r.Criteria[0].ID = "p1"; r.Anchors = nil }, "rubric[1].id define.repeated"},
		{"id of a criterion and a gate", func(r *Rubric) { r.Gates[0].ID = "p1" }, "gates[0].id define.repeated"},
		{"weight", func(r *Rubric) { r.Criteria[0].W = 0 }, "rubric[0].w define.weight"},
		{"weights", func(r *Rubric) { r.Criteria[0].W = 0.6 }, "rubric define.sum"},
		{"title", func(r *Rubric) { r.Criteria[1].Title.ZH = "" }, "rubric[1].title.zh define.required"},
		{"a level is missing", func(r *Rubric) { delete(r.Criteria[0].Levels, "3") }, "rubric[0].levels.3.zh define.required"},
		{"a level too many", func(r *Rubric) { r.Criteria[0].Levels["5"] = same("五") }, "rubric[0].levels.5 rubric.level_name"},
		{"a level in words", func(r *Rubric) { r.Criteria[0].Levels["top"] = same("顶") }, "rubric[0].levels.top rubric.level_name"},
		{"a level written twice", func(r *Rubric) { r.Criteria[0].Levels["04"] = same("四") }, "rubric[0].levels.04 rubric.level_name"},
		{"effect", func(r *Rubric) { r.Gates[0].Effect = "stop" }, "gates[0].effect define.one_of"},
		{"no cap", func(r *Rubric) { r.Gates[1].Cap = 0 }, "gates[1].cap rubric.cap"},
		{"a cap of all", func(r *Rubric) { r.Gates[1].Cap = 1 }, "gates[1].cap rubric.cap"},
		{"a cap that is critical", func(r *Rubric) { r.Gates[0].Cap = 0.5 }, "gates[0].cap rubric.cap"},
		{"a gate without words", func(r *Rubric) { r.Gates[0].Text = text.Text{} }, "gates[0].zh define.required"},
		{"an anchor leaves one out", func(r *Rubric) { delete(r.Anchors[0].Scores, "p0") }, "anchors[0].scores rubric.anchor_open"},
		{"an anchor's level", func(r *Rubric) { r.Anchors[0].Scores["p0"] = 5 }, "anchors[0].scores.p0 define.whole"},
		{"an anchor of something else", func(r *Rubric) { r.Anchors[1].Scores["zz"] = 1 }, "anchors[1].scores.zz item.no_part"},
		{"an anchor without words", func(r *Rubric) { r.Anchors[1].Text = text.Text{} }, "anchors[1].text.zh define.required"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := rubricOf(0.5, 0.5)
			tt.change(&r)
			wantSaid(t, r.validate(), tt.want)
		})
	}
}

func TestRubricLint(t *testing.T) {
	r := rubricOf(0.4, 0.3, 0.3)
	wantSaid(t, r.lint(), "")
	wantSaid(t, rubricOf(0.5, 0.5).lint(), "rubric rubric.count")
	r.Criteria[0].Levels["3"] = r.Criteria[0].Levels["2"]
	wantSaid(t, r.lint(), "rubric[0].levels.3 rubric.levels_alike")
	r = rubricOf(0.4, 0.3, 0.3)
	r.Anchors = r.Anchors[:1]
	wantSaid(t, r.lint(), "anchors rubric.anchors")
	r.Anchors = []Anchor{r.Anchors[0], r.Anchors[0]}
	wantSaid(t, r.lint(), "anchors rubric.anchors_alike")
	wantSaid(t, r.lintMeasures([]Measure{{"A.1", 0.5}, {"A.2", 0.5}}), "")
	wantSaid(t, r.lintMeasures([]Measure{{"A.1", 0.5}, {"B.1", 0.5}}), "measures[1].sub rubric.unrated, rubric[1].sub rubric.unmeasured")
}

// A rubric's sub-competencies are the model's.
func TestRubricOfTheModel(t *testing.T) {
	it := sound()
	it.Type, it.Measures = "constructed", []Measure{{"A.1", 0.5}, {"A.2", 0.5}}
	b := &constructed{By: rubricOf(0.5, 0.5)}
	it.Body = b
	wantSaid(t, it.Validate(small()), "")
	b.By.Criteria[1].Sub = "A"
	wantSaid(t, it.Validate(small()), "rubric[1].sub model.unknown")
	b.By.Criteria[1].Sub = "B.1"
	wantSaid(t, it.Validate(small()), "")
	if got := said(it.Lint()); !strings.Contains(got, "rubric[1].sub rubric.unmeasured") || !strings.Contains(got, "measures[1].sub rubric.unrated") {
		t.Error(got)
	}
}

func TestRubricTells(t *testing.T) {
	r := rubricOf(0.5, 0.5)
	why := func(id string) text.Text { return same("因" + id) }
	tell := func(a Answer, xs ...Rating) JudgedExplained {
		t.Helper()
		resp := Response{Answer: a, Ratings: xs}
		res, d, err := r.judge(resp, 0, 0)
		if err != nil {
			t.Fatal(err)
		}
		return r.account(Plain(text.ZH), resp, d, res, why)
	}
	some := constructedAnswer{"写了"}
	for _, tt := range []struct {
		name string
		e    JudgedExplained
		want string // state, provisional, score, levels, reached and next of the first criterion, gates hit
	}{
		{"nothing written", tell(nil), `blank 0 0 0 "" "" [false false]`},
		{"nobody", tell(some), `first 0 0 0 "" "" [false false]`},
		{"one", tell(some, rated("a", 3, 1)), `second 50 0 0 "" "" [false false]`},
		{"apart", tell(some, rated("a", 3, 1), rated("b", 0, 1)), `third 0 0 0 "" "" [false false]`},
		{"rated", tell(some, rated("a", 3, 1), rated("b", 2, 1)), `rated 0 44 2.5 "p0级2" "p0级3" [false false]`},
		{"at the top", tell(some, rated("a", 4, 0), rated("b", 4, 0)), `rated 0 50 4 "p0级4" "" [false false]`},
		{"a gate", tell(some, rated("a", 0, 0).at("claim"), rated("b", 0, 0).at("claim")), `rated 0 0 0 "p0级0" "p0级1" [false true]`},
		{"a gate that nobody confirmed", tell(some, rated("a", 0, 0).at("claim"), rated("b", 0, 0), rated("c", 0, 0)), `rated 0 0 0 "p0级0" "p0级1" [false false]`},
	} {
		c := tt.e.Criteria[0]
		if got := fmt.Sprintf("%s %d %d %g %q %q %v", tt.e.State, tt.e.Provisional, tt.e.Score, c.Level, c.Reached, c.Next, []bool{tt.e.Gates[0].Hit, tt.e.Gates[1].Hit}); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
		if len(c.Levels) != 5 || c.Why != "因p0" || tt.e.Gates[1].Cap != 60 || tt.e.Example == nil || tt.e.Example.Score != 100 {
			t.Errorf("%s: %+v", tt.name, tt.e)
		}
	}
	for _, tt := range []struct {
		e    JudgedExplained
		want string
	}{
		{tell(nil), "空着就只有 0 分"}, {tell(some), "照下面的标准"}, {tell(some, rated("a", 3, 1)), "照下面的标准"},
		{tell(some, rated("a", 3, 1), rated("b", 3, 1)), "“题1”：p1级2"}, {tell(some, rated("a", 4, 4), rated("b", 4, 4)), "每一项都到顶了"},
		{tell(some, rated("a", 4, 0).at("leak"), rated("b", 4, 0).at("leak")), "红线：泄露"},
	} {
		if !strings.Contains(tt.e.Remember, tt.want) {
			t.Errorf("%s: %q, want %q", tt.e.State, tt.e.Remember, tt.want)
		}
	}
	settled := tell(some, rated("a", 4, 1), rated("b", 0, 1), rated("c", 4, 4))
	if !settled.Criteria[0].Third || settled.Criteria[1].Third || settled.Criteria[0].Fill != 100 {
		t.Errorf("%+v", settled.Criteria)
	}
	if r.Anchors = nil; tell(some).Example != nil {
		t.Error("an example out of nothing")
	}
}

func TestConstructed(t *testing.T) {
	b := &constructed{By: rubricOf(0.5, 0.3, 0.2), Limits: Limits{Min: 4, Max: 8}, Rationale: Rationale{Why: same("因为")}}
	wantSaid(t, b.Validate(), "")
	b.Feedback = map[string]text.Text{"p0": same("一"), "leak": same("二")}
	wantSaid(t, b.Validate(), "")
	b.Feedback["zz"] = same("三")
	wantSaid(t, b.Validate(), "feedback.zz item.no_part")
	b.Feedback, b.Limits = nil, Limits{Min: 9, Max: 8}
	wantSaid(t, b.Validate(), "limits.max_chars writing.min_above_max")
	b.Scoring.Method = "curve"
	wantSaid(t, b.Validate(), "limits.max_chars writing.min_above_max, scoring.method item.method")
	b.Scoring.Method, b.Limits = "rubric", Limits{Min: 4, Max: 30}
	wantSaid(t, b.Lint(), "")
	b.Limits, b.Why = Limits{Max: 8}, text.Text{}
	wantSaid(t, b.Lint(), "anchors[0].text writing.anchor_long, anchors[1].text writing.anchor_long, limits writing.no_min, why item.no_why")

	b.Limits = Limits{Min: 4, Max: 8}
	short := constructedAnswer{"三个字 "}
	res, err := b.Score(Response{Answer: short, Ratings: []Rating{rated("a", 4, 4, 4), rated("b", 4, 4, 4)}})
	if err != nil || res.Pending || res.Score != 0 || res.Shares != nil || !res.Detail.(judged).Short || res.Detail.(judged).Chars != 3 {
		t.Errorf("too short: %+v, %v", res, err)
	}
	if _, err := b.Score(Response{Answer: constructedAnswer{"够长的字"}, Ratings: []Rating{rated("a", 4)}}); !fault.Is(err, fault.Invalid) {
		t.Errorf("half a rating: %v", err)
	}
	e := b.Account(Plain(text.ZH), Response{Answer: constructedAnswer{"一二三四五六七八九十"}}).(ConstructedExplained)
	if len(e.Written) != 1 || e.Written[0].Words != "一二三四五六七八" || e.Written[0].Over != "九十" || e.Written[0].Chars != 8 || e.Rated.State != "first" {
		t.Errorf("%+v", e)
	}
	if e := b.Explain(Plain(text.ZH), short).(ConstructedExplained); e.Rated.State != "short" || e.Written[0].Chars != 3 {
		t.Errorf("%+v", e)
	}
	if e := b.Explain(Plain(text.ZH), nil).(ConstructedExplained); e.Rated.State != "blank" || e.Written != nil {
		t.Errorf("%+v", e)
	}
	p := b.Prompt(Plain(text.ZH), constructedAnswer{"一二三四五六七八九十"}).(ConstructedPrompt)
	if p.Criteria != nil || p.Length != (Length{Chars: 10, Min: 4, Max: 8, Over: 2}) {
		t.Errorf("%+v", p)
	}
	if b.Show = true; len(b.Prompt(Plain(text.ZH), nil).(ConstructedPrompt).Criteria) != 3 {
		t.Error("the criteria are not shown")
	}
}

// What is imitated is long enough to be rated and comes from the anchors; the able write as the better one.
func TestImitatedWriting(t *testing.T) {
	r := rubricOf(0.5, 0.5)
	luck := rand.New(rand.NewPCG(1, 1))
	good := [2]int{}
	for i, ability := range []float64{0.1, 0.95} {
		for range 200 {
			words, ok := r.imitate(ability, 8, luck)
			if !ok || Chars(words) < 8 {
				t.Fatalf("%q", words)
			}
			good[i] += has(strings.Contains(words, "示例4"))
		}
	}
	if good[0] > 20 || good[1] < 100 {
		t.Errorf("the better anchor was taken %v times of 200", good)
	}
	if a := (&constructed{}).Imitate(1, luck); a != nil {
		t.Errorf("without anchors %v is written", a)
	}
}
