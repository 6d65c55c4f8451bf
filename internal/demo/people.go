package demo

import (
	"context"
	"fmt"
	"time"

	"leida/internal/org"
)

// agent is a simulated person with their true abilities, which nothing but the answers ever shows.
type agent struct {
	part
	person  org.Person
	team    org.Team
	viewer  org.Viewer
	ability []map[string]float64 // by round, by sub-competency
	pace    float64              // 1 is average; more is slower
}

const (
	firstAgent  = 1001
	director    = "M1001" // manages the whole centre
	teamManager = "M1002" // manages one team
	trainer     = "T1001"
	admin       = "admin"
	managed     = "EAST-SH-2" // M1002's team
)

func (f *filler) makeTeams(ctx context.Context) error {
	f.teams = map[string]org.Team{}
	var all []org.Team
	add := func(code, name, parent string) error {
		t, err := f.Store.CreateTeam(ctx, org.Team{ID: f.id("team", code), Parent: f.teams[parent].ID, Code: code, Name: name})
		f.teams[code], all = t, append(all, t)
		return err
	}
	if err := add(centreCode, centreName, ""); err != nil {
		return err
	}
	for _, s := range sites {
		if err := add(s.code, s.name, centreCode); err != nil {
			return err
		}
	}
	for _, c := range crews {
		if err := add(c.code, c.name, c.site); err != nil {
			return err
		}
	}
	f.tree = org.NewTree(all)
	return nil
}

func (f *filler) makeStaff(ctx context.Context) error {
	f.staff = map[string]org.Person{}
	for _, s := range []struct {
		number, name, profile string
		grant                 org.Grant
	}{
		{director, "方立群", "", org.Grant{Access: org.Manager, Team: f.teams[centreCode].ID}},
		{teamManager, "顾晓岚", lead, org.Grant{Access: org.Manager, Team: f.teams[managed].ID}},
		{trainer, "秦默然", "", org.Grant{Access: org.Trainer}},
		{admin, "系统管理员", "", org.Grant{Access: org.Admin}},
	} {
		p, err := f.create(ctx, org.Person{Number: s.number, Name: s.name, JobProfile: s.profile, ActiveFrom: at(f.today, -900, 0)}, s.grant)
		if err != nil {
			return err
		}
		f.staff[s.number] = p
	}
	return nil
}

func (f *filler) create(ctx context.Context, p org.Person, grants ...org.Grant) (org.Person, error) {
	p.ID = f.id("person", p.Number)
	return f.Store.CreatePerson(ctx, p, f.PasswordHash, grants)
}

func (f *filler) makeAgents(ctx context.Context) error {
	for _, c := range crews {
		for _, m := range c.members {
			a := &agent{part: m, team: f.teams[c.code]}
			if err := f.hire(ctx, a, fmt.Sprintf("A%d", firstAgent+len(f.agents))); err != nil {
				return err
			}
			f.endow(a, c)
			f.agents = append(f.agents, a)
		}
	}
	return nil
}

// hire makes an agent and puts them into the crew; one who changed crews did so when the second round began.
func (f *filler) hire(ctx context.Context, a *agent, number string) error {
	r := f.rand("hire", number)
	hired := at(f.today, -400-r.IntN(2400), 0)
	if a.joined > 0 {
		hired = at(f.today, -a.joined, 0)
	}
	p := org.Person{Number: number, Name: a.name, Email: number + "@leida.example", JobProfile: a.profile, ActiveFrom: hired}
	if a.leaving {
		p.ActiveTo = time.Date(f.today.Year(), f.today.Month()+1, 15, 0, 0, 0, 0, f.Zone)
	}
	var err error
	if a.person, err = f.create(ctx, p, org.Grant{Access: org.Agent}); err != nil {
		return err
	}
	if a.before != "" {
		if err := f.Store.MoveMember(ctx, a.person.ID, f.teams[a.before].ID, hired); err != nil {
			return err
		}
		hired = f.rounds[1].cycle.From
	}
	a.viewer = org.NewViewer(a.person, f.id("session", number), []org.Grant{{Access: org.Agent}}, f.tree)
	return f.Store.MoveMember(ctx, a.person.ID, a.team.ID, hired)
}

// sits reports whether an agent takes part in a form of a round at all; turnout comes on top.
func (a *agent) sits(round int, capability string) bool {
	return round >= a.from && (a.until == 0 || round < a.until) && a.never != capability
}

// endow gives an agent true abilities for each round.
func (f *filler) endow(a *agent, c crew) {
	r := f.rand("ability", a.person.Number)
	a.pace = 0.75 + 0.5*r.Float64()
	general := a.lift + 5*r.NormFloat64()
	growth := 1.5 + 1.5*r.NormFloat64()
	start, steps := map[string]float64{}, map[string]float64{}
	for _, m := range f.Library.Model.Capabilities {
		typical, known := c.typical[m.ID]
		if !known {
			typical = 60
		}
		base := typical + general + usual[a.profile][m.ID] + 3.5*r.NormFloat64()
		for _, s := range m.Subs {
			start[s.ID] = base + c.bent[s.ID] + 4.5*r.NormFloat64()
			steps[s.ID] = a.since[m.ID]
		}
	}
	for round := range f.rounds {
		now := map[string]float64{}
		for id, y := range start {
			y += growth * float64(round)
			if round == len(f.rounds)-1 {
				y += steps[id]
			} else {
				y -= steps[id] / 4 // who was coached had been weak, who declined had been strong
			}
			if lim, ok := c.limit[id]; ok {
				y = min(max(y, lim[0]), lim[1])
			}
			if own, ok := a.own[id]; ok {
				y = own
			}
			now[id] = min(max(y, 5), 98)
		}
		a.ability = append(a.ability, now)
	}
}
