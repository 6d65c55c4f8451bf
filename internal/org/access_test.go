package org_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"leida/internal/org"
	"leida/internal/text"
)

// centre is 中心 > 华东 (一组, 二组), 华南 (三组).
func centre() *org.Tree {
	return org.NewTree([]org.Team{
		{ID: "t3", Parent: "south", Code: "S1", Name: "三组"}, {ID: "t1", Parent: "east", Code: "E1", Name: "一组"}, {ID: "t2", Parent: "east", Code: "E2", Name: "二组"},
		{ID: "root", Code: "R", Name: "中心"}, {ID: "east", Parent: "root", Code: "E", Name: "华东"}, {ID: "south", Parent: "root", Code: "S", Name: "华南"},
	})
}

func TestTree(t *testing.T) {
	tree := centre()
	for id, want := range map[string][]string{"root": {"root", "east", "south", "t1", "t2", "t3"}, "east": {"east", "t1", "t2"}, "t3": {"t3"}, "none": nil, "": nil} {
		if diff := cmp.Diff(want, tree.Below(id)); diff != "" {
			t.Errorf("below %q: %s", id, diff)
		}
	}
	for id, want := range map[string]string{"t2": "中心 华东 二组 ", "root": "中心 ", "none": ""} {
		got := ""
		for _, x := range tree.Path(id) {
			got += x.Name + " "
		}
		if got != want {
			t.Errorf("path of %s: %s", id, got)
		}
	}
	walked := ""
	tree.Walk(func(x org.Team, depth int) { walked += fmt.Sprintf("%d%s ", depth, x.ID) })
	if walked != "0root 1east 2t1 2t2 1south 2t3 " {
		t.Error(walked)
	}
	if x, ok := tree.Team("t1"); !ok || x.Code != "E1" {
		t.Errorf("%+v", x)
	}
	if roots := tree.Children(""); len(roots) != 1 || roots[0].ID != "root" {
		t.Errorf("%+v", roots)
	}
	orphan := org.NewTree([]org.Team{{ID: "a", Parent: "gone", Code: "A"}})
	if roots := orphan.Children(""); len(roots) != 1 || len(orphan.Path("a")) != 1 {
		t.Errorf("a team whose parent is gone is a root: %+v", roots)
	}
}

// Parents that go in a circle, which nothing should ever store, end every question.
func TestTreeInACircle(t *testing.T) {
	for _, teams := range [][]org.Team{
		{{ID: "a", Parent: "a"}},
		{{ID: "a", Parent: "b"}, {ID: "b", Parent: "a"}},
		{{ID: "a", Parent: "c"}, {ID: "b", Parent: "a"}, {ID: "c", Parent: "b"}, {ID: "d", Parent: "c"}},
	} {
		tree := org.NewTree(teams)
		for _, x := range teams {
			below := tree.Below(x.ID)
			if len(below) > len(teams) || len(slices.Compact(slices.Sorted(slices.Values(below)))) != len(below) {
				t.Errorf("below %s: %v", x.ID, below)
			}
			if n := len(tree.Path(x.ID)); n > len(teams)+1 {
				t.Errorf("path of %s has %d", x.ID, n)
			}
		}
		tree.Walk(func(org.Team, int) {})
	}
}

func TestTeamValidate(t *testing.T) {
	wantSaid(t, org.Team{Code: "E1", Name: "一组"}.Validate(), "")
	wantSaid(t, org.Team{Name: "一组\n"}.Validate(), "code define.required, name org.control")
}

func TestViewer(t *testing.T) {
	wang := org.Person{ID: "p1", Name: "王"}
	for _, tt := range []struct {
		name     string
		grants   []org.Grant
		teams    []string
		accesses []org.Access
		roots    []string
	}{
		{"agent", []org.Grant{{Access: org.Agent}}, nil, []org.Access{org.Agent}, nil},
		{"manager of a site", []org.Grant{{org.Manager, "east"}}, []string{"east", "t1", "t2"}, []org.Access{org.Manager}, []string{"east"}},
		{"manager of two teams", []org.Grant{{org.Manager, "t1"}, {org.Agent, ""}, {org.Manager, "t3"}}, []string{"t1", "t3"}, []org.Access{org.Agent, org.Manager}, []string{"t1", "t3"}},
		{"grants that overlap", []org.Grant{{org.Manager, "t1"}, {org.Manager, "root"}, {org.Manager, "t1"}}, []string{"t1", "root", "east", "south", "t2", "t3"}, []org.Access{org.Manager}, []string{"t1", "root"}},
		{"manager of a team that is gone", []org.Grant{{org.Manager, "gone"}}, nil, []org.Access{org.Manager}, []string{"gone"}},
		{"manager of nothing", []org.Grant{{org.Manager, ""}}, nil, []org.Access{org.Manager}, []string{""}},
		{"admins manage no team by that", []org.Grant{{org.Admin, "root"}}, nil, []org.Access{org.Admin}, nil},
		{"nothing", nil, nil, nil, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v := org.NewViewer(wang, "s1", tt.grants, centre())
			if diff := cmp.Diff(tt.teams, v.Teams()); diff != "" {
				t.Errorf("teams: %s", diff)
			}
			if diff := cmp.Diff(tt.accesses, v.Accesses()); diff != "" {
				t.Errorf("accesses: %s", diff)
			}
			if diff := cmp.Diff(tt.roots, v.Roots()); diff != "" {
				t.Errorf("roots: %s", diff)
			}
			for _, id := range []string{"root", "east", "south", "t1", "t2", "t3", "gone", ""} {
				if v.Manages(id) != slices.Contains(tt.teams, id) {
					t.Errorf("manages %q: %v", id, v.Manages(id))
				}
			}
			for _, a := range org.Accesses {
				if v.Is(a) != slices.Contains(tt.accesses, a) || v.MayGrant(a) != slices.Contains(tt.accesses, org.Admin) {
					t.Errorf("%s", a)
				}
			}
			if !v.SignedIn() || v.Is() {
				t.Error("signed in, and no access role asked for is none")
			}
		})
	}
	var nobody org.Viewer
	if nobody.SignedIn() || nobody.Is(org.Accesses...) || nobody.Manages("") || nobody.Manages("root") || nobody.MayGrant(org.Agent) {
		t.Error("the zero Viewer is somebody")
	}
}

// A manager sees exactly the teams on whose path a granted one lies.
func TestViewerScopeIsTheSubtree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 25).Draw(t, "teams")
		teams := make([]org.Team, n)
		for i := range teams {
			teams[i] = org.Team{ID: fmt.Sprint(i), Code: fmt.Sprint(i)}
			if p := rapid.IntRange(-1, i-1).Draw(t, "parent"); p >= 0 {
				teams[i].Parent = fmt.Sprint(p)
			}
		}
		tree := org.NewTree(teams)
		var grants []org.Grant
		for _, g := range rapid.SliceOfN(rapid.IntRange(0, n-1), 0, 3).Draw(t, "grants") {
			grants = append(grants, org.Grant{Access: org.Manager, Team: fmt.Sprint(g)})
		}
		v := org.NewViewer(org.Person{ID: "p"}, "s", grants, tree)
		for _, x := range teams {
			want := false
			for _, up := range tree.Path(x.ID) {
				want = want || slices.ContainsFunc(grants, func(g org.Grant) bool { return g.Team == up.ID })
			}
			if v.Manages(x.ID) != want {
				t.Errorf("manages %s: %v", x.ID, !want)
			}
		}
		if got := len(slices.Compact(slices.Sorted(slices.Values(v.Teams())))); got != len(v.Teams()) {
			t.Errorf("teams repeat: %v", v.Teams())
		}
	})
}

func TestQuarter(t *testing.T) {
	for _, tt := range []struct {
		at       time.Time
		zone     *time.Location
		id, zh   string
		from, to time.Time
	}{
		{time.Date(2026, 6, 30, 9, 0, 0, 0, time.UTC), shanghai, "2026-q2", "2026年第二季度", time.Date(2026, 4, 1, 0, 0, 0, 0, shanghai), time.Date(2026, 7, 1, 0, 0, 0, 0, shanghai)},
		{time.Date(2026, 6, 30, 16, 0, 0, 0, time.UTC), shanghai, "2026-q3", "2026年第三季度", time.Date(2026, 7, 1, 0, 0, 0, 0, shanghai), time.Date(2026, 10, 1, 0, 0, 0, 0, shanghai)},
		{time.Date(2026, 6, 30, 15, 59, 59, 0, time.UTC), shanghai, "2026-q2", "2026年第二季度", time.Date(2026, 4, 1, 0, 0, 0, 0, shanghai), time.Date(2026, 7, 1, 0, 0, 0, 0, shanghai)},
		{time.Date(2026, 12, 31, 16, 0, 0, 0, time.UTC), shanghai, "2027-q1", "2027年第一季度", time.Date(2027, 1, 1, 0, 0, 0, 0, shanghai), time.Date(2027, 4, 1, 0, 0, 0, 0, shanghai)},
		{time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC), time.UTC, "2026-q4", "2026年第四季度", time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC), time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)},
	} {
		got := org.Quarter(tt.at, tt.zone)
		if got.ID != tt.id || got.Name.ZH != tt.zh || !got.From.Equal(tt.from) || !got.To.Equal(tt.to) || got.Closed() {
			t.Errorf("%s: %+v", tt.at, got)
		}
		if got.Name.In(text.EN) == got.Name.ZH {
			t.Errorf("%+v", got.Name)
		}
	}
	rapid.Check(t, func(t *rapid.T) { // every moment is in its quarter, and the next quarter begins where it ends
		at := time.Unix(rapid.Int64Range(946684800, 4102444800).Draw(t, "at"), 0)
		zone := mustZone(rapid.SampledFrom([]string{"Asia/Shanghai", "Europe/Berlin", "America/New_York", "Pacific/Kiritimati", "UTC"}).Draw(t, "zone"))
		q := org.Quarter(at, zone)
		if at.Before(q.From) || !at.Before(q.To) || !org.Quarter(q.To, zone).From.Equal(q.To) || org.Quarter(q.From, zone).ID != q.ID {
			t.Errorf("%s: %+v", at.In(zone), q)
		}
	})
	if !(org.Cycle{ClosedAt: now}).Closed() {
		t.Error("closed")
	}
}
