package capability_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"leida/internal/capability"
	"leida/internal/fault"
	"leida/internal/text"
)

func same(s string) text.Text { return text.Text{ZH: s, EN: s} }

// sound is a model of c capabilities with s sub-competencies each and l levels.
func sound(c, s, l int) *capability.Model {
	m := &capability.Model{Schema: capability.Schema, ID: "m", Version: "1.0.0", Title: same("模型")}
	for i := range l {
		m.Levels = append(m.Levels, capability.Level{N: i + 1, Cut: float64(i*100) / float64(l), Name: same("级"), Gist: same("义")})
	}
	r := capability.Role{ID: "agent", Name: same("坐席"), Target: map[string]float64{}, Floors: map[string]float64{}}
	for i := range c {
		k := capability.Capability{ID: fmt.Sprintf("C%d", i), Name: same("能力"), Weight: 1 / float64(c)}
		for j := range s {
			x := capability.Sub{ID: fmt.Sprintf("C%d.%d", i, j+1), Name: same("子"), Weight: 1 / float64(s)}
			for range l {
				x.Levels = append(x.Levels, same("行为"))
			}
			k.Subs = append(k.Subs, x)
		}
		m.Capabilities = append(m.Capabilities, k)
		r.Target[k.ID] = 60
	}
	m.Roles = []capability.Role{r}
	return m
}

func said(ps []fault.Problem) string {
	var out []string
	for _, p := range ps {
		out = append(out, p.Path+" "+p.Key)
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

func TestValidate(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(m *capability.Model)
		want   string
	}{
		{"sound", func(*capability.Model) {}, ""},
		{"schema", func(m *capability.Model) { m.Schema = "leida/model@2" }, "schema define.schema"},
		{"id", func(m *capability.Model) { m.ID = "1m" }, "id define.id"},
		{"version", func(m *capability.Model) { m.Version = "1.10" }, "version model.version"},
		{"title", func(m *capability.Model) { m.Title.ZH = "" }, "title.zh define.required"},
		{"one level", func(m *capability.Model) { *m = *sound(3, 1, 1) }, "levels define.count"},
		{"ten levels", func(m *capability.Model) { *m = *sound(3, 1, 10) }, "levels define.count"},
		{"level number", func(m *capability.Model) { m.Levels[1].N = 3 }, "levels[1].n model.level_number"},
		{"first cut", func(m *capability.Model) { m.Levels[0].Cut = 10 }, "levels[0].cut model.first_cut"},
		{"cuts fall", func(m *capability.Model) { m.Levels[2].Cut = 10 }, "levels[2].cut model.cuts_unordered"},
		{"cuts equal", func(m *capability.Model) { m.Levels[2].Cut = m.Levels[1].Cut }, "levels[2].cut model.cuts_unordered"},
		{"cut above 100", func(m *capability.Model) { m.Levels[2].Cut = 101 }, "levels[2].cut define.range"},
		{"cut no number", func(m *capability.Model) { m.Levels[2].Cut = math.NaN() }, "levels[2].cut define.range"},
		{"level without name", func(m *capability.Model) { m.Levels[1].Name = text.Text{} }, "levels[1].zh define.required"},
		{"two capabilities", func(m *capability.Model) { *m = *sound(2, 1, 3) }, "capabilities define.count"},
		{"eight capabilities", func(m *capability.Model) { *m = *sound(8, 1, 3) }, ""},
		{"nine capabilities", func(m *capability.Model) { *m = *sound(9, 1, 3) }, "capabilities define.count"},
		{"thirty subs", func(m *capability.Model) { *m = *sound(3, 30, 3) }, ""},
		{"thirty-one subs", func(m *capability.Model) { *m = *sound(3, 31, 3) }, "capabilities[0].subs define.count, capabilities[1].subs define.count, capabilities[2].subs define.count"},
		{"no subs", func(m *capability.Model) { m.Capabilities[1].Subs = nil }, "capabilities[1].subs define.count"},
		{"capability id", func(m *capability.Model) { m.Capabilities[0].ID = "C 0" }, "capabilities[0].id define.id, roles[0].target model.target_missing, roles[0].target.C0 model.unknown_near"},
		{"sub id", func(m *capability.Model) { m.Capabilities[0].Subs[0].ID = "C0.1.1" }, "capabilities[0].subs[0].id define.id"},
		{"same sub twice", func(m *capability.Model) { m.Capabilities[1].Subs[0].ID = "C0.1" }, "capabilities[1].subs[0].id define.twice"},
		{"a sub named as its capability", func(m *capability.Model) { m.Capabilities[0].Subs[0].ID = "C0" }, "capabilities[0].subs[0].id define.twice"},
		{"names", func(m *capability.Model) { m.Capabilities[0].Name.ZH, m.Capabilities[1].Subs[1].Name.ZH = "", "" }, "capabilities[0].zh define.required, capabilities[1].subs[1].zh define.required"},
		{"weight 0", func(m *capability.Model) { m.Capabilities[0].Weight = 0 }, "capabilities[0].weight define.weight"},
		{"weight below 0", func(m *capability.Model) { m.Capabilities[0].Weight = -1 }, "capabilities[0].weight define.weight"},
		{"weight no number", func(m *capability.Model) { m.Capabilities[0].Weight = math.NaN() }, "capabilities[0].weight define.weight"},
		{"weights sum to 0.97", func(m *capability.Model) { m.Capabilities[0].Weight -= 0.03 }, "capabilities define.sum"},
		{"sub weights sum to 0.97", func(m *capability.Model) { m.Capabilities[2].Subs[0].Weight -= 0.03 }, "capabilities[2].subs define.sum"},
		{"an indicator is missing", func(m *capability.Model) { x := &m.Capabilities[0].Subs[1]; x.Levels = x.Levels[1:] }, "capabilities[0].subs[1].levels model.indicators"},
		{"an indicator without Chinese", func(m *capability.Model) { m.Capabilities[0].Subs[1].Levels[2] = text.Text{EN: "does"} }, "capabilities[0].subs[1].levels[2].zh define.required"},
		{"no roles", func(m *capability.Model) { m.Roles = nil }, "roles define.count"},
		{"role without name", func(m *capability.Model) { m.Roles[0].Name.ZH = "" }, "roles[0].zh define.required"},
		{"role twice", func(m *capability.Model) { m.Roles = append(m.Roles, m.Roles[0]) }, "roles[1].id define.twice"},
		{"role id", func(m *capability.Model) { m.Roles[0].ID = "" }, "roles[0].id define.id"},
		{"target missing", func(m *capability.Model) { delete(m.Roles[0].Target, "C1") }, "roles[0].target model.target_missing"},
		{"target of nobody", func(m *capability.Model) { m.Roles[0].Target["C7"] = 1 }, "roles[0].target.C7 model.unknown_near"},
		{"target out of range", func(m *capability.Model) { m.Roles[0].Target["C1"] = 100.5 }, "roles[0].target.C1 define.range"},
		{"floor of nobody", func(m *capability.Model) { m.Roles[0].Floors["nothing"] = 1 }, "roles[0].subs.nothing model.unknown"},
		{"floor of a capability", func(m *capability.Model) { m.Roles[0].Floors["C1"] = 1 }, "roles[0].subs.C1 model.unknown"},
		{"floor out of range", func(m *capability.Model) { m.Roles[0].Floors["C1.1"] = -1 }, "roles[0].subs.C1.1 define.range"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := sound(3, 2, 3)
			tt.change(m)
			ps := m.Validate()
			if got := said(ps); got != tt.want {
				t.Errorf("said %q, want %q", got, tt.want)
			}
			for _, p := range ps {
				for _, l := range text.Langs {
					if s := text.Problem(l, p); s == p.Key || strings.ContainsAny(s, "{}") {
						t.Errorf("%s: %q", p.Key, s)
					}
				}
			}
		})
	}
}

// Nothing knows how many capabilities, sub-competencies or levels there are.
func TestAnySize(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, s, l := rapid.IntRange(3, 8).Draw(t, "capabilities"), rapid.IntRange(1, 30).Draw(t, "subs"), rapid.IntRange(2, 9).Draw(t, "levels")
		m := sound(c, s, l)
		if ps := m.Validate(); len(ps) > 0 {
			t.Fatal(ps)
		}
		if len(m.Subs()) != c*s || len(m.Domains()) != c*s+c || len(m.Cuts()) != l {
			t.Errorf("%d subs, %d domains, %d cuts", len(m.Subs()), len(m.Domains()), len(m.Cuts()))
		}
		score := rapid.Float64Range(0, 100).Draw(t, "score")
		n := m.LevelAt(score)
		if n < 1 || n > l || m.Levels[n-1].Cut > score || n < l && m.Levels[n].Cut <= score {
			t.Errorf("%g is level %d of %v", score, n, m.Cuts())
		}
	})
}

func TestLevelAt(t *testing.T) {
	m := &capability.Model{Levels: []capability.Level{{Cut: 0}, {Cut: 40}, {Cut: 60}, {Cut: 75}, {Cut: 88}}}
	for score, want := range map[float64]int{0: 1, 39.999: 1, 40: 2, 59.995: 2, 60: 3, 75: 4, 87.99: 4, 88: 5, 100: 5, -1: 1} {
		if got := m.LevelAt(score); got != want {
			t.Errorf("LevelAt(%g) = %d, want %d", score, got, want)
		}
	}
}

func TestFind(t *testing.T) {
	m := sound(3, 2, 3)
	m.Capabilities[1].Subs[0].Short = same("短")
	if s, c, ok := m.Sub("C1.1"); !ok || s.ID != "C1.1" || c.ID != "C1" || s.Label() != same("短") || c.Label() != same("能力") {
		t.Errorf("%+v %+v %v", s, c, ok)
	}
	if _, _, ok := m.Sub("C1"); ok {
		t.Error("a capability is no sub-competency")
	}
	if c, ok := m.Capability("C2"); !ok || c.ID != "C2" {
		t.Errorf("%+v", c)
	}
	if _, ok := m.Capability("C2.1"); ok {
		t.Error("a sub-competency is no capability")
	}
	if r, ok := m.Role("agent"); !ok || r.ID != "agent" {
		t.Errorf("%+v", r)
	}
	if _, ok := m.Role("Agent"); ok {
		t.Error("ids are exact")
	}
	if diff := cmp.Diff([]string{"C0", "C0.1", "C0.2", "C1", "C1.1", "C1.2", "C2", "C2.1", "C2.2"}, m.Domains()); diff != "" {
		t.Error(diff)
	}
}

func TestCheckDomain(t *testing.T) {
	m := sound(3, 2, 3)
	for _, tt := range []struct {
		id       string
		subsOnly bool
		want     string
		near     any
	}{
		{"C1", false, "", nil}, {"C1.2", false, "", nil}, {"C1.2", true, "", nil},
		{"C1", true, "x model.unknown", nil}, // told apart by the list of what is known
		{"C1.9", true, "x model.unknown_near", "C1.1"},
		{"nothing", false, "x model.unknown", nil},
		{"", false, "x model.unknown", nil},
	} {
		ps := m.CheckDomain("x", tt.id, tt.subsOnly)
		if got := said(ps); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.id, got, tt.want)
			continue
		}
		if len(ps) == 0 {
			continue
		}
		if ps[0].Args["near"] != tt.near {
			t.Errorf("%s: did you mean %v", tt.id, ps[0].Args["near"])
		}
		known := m.Domains()
		if tt.subsOnly {
			known = []string{"C0.1", "C0.2", "C1.1", "C1.2", "C2.1", "C2.2"}
		}
		if diff := cmp.Diff(known, ps[0].Args["known"]); diff != "" {
			t.Error(diff)
		}
	}
}
