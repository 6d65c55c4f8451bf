package org

import "slices"

// Access is an access role: what one may do. One person may have several.
type Access string

const (
	Agent   Access = "agent"   // takes assessments, sees the own profile
	Trainer Access = "trainer" // authors, assigns, sees item statistics
	Manager Access = "manager" // of given teams: sees their members by name, assigns to them
	Admin   Access = "admin"   // people, teams, settings
)

// Accesses are the access roles in the order of a form.
var Accesses = []Access{Agent, Trainer, Manager, Admin}

// Grant gives a person an access role; a manager's is for a team and all below it.
type Grant struct {
	Access Access
	Team   string // of a manager's grant
}

// Viewer is who asks: a signed-in person with the access roles and the teams that follow from them. The zero Viewer is nobody.
type Viewer struct {
	Person  Person
	Session string // id of the session, which also names the device
	grants  []Grant
	teams   []string // managed teams with all below
}

// NewViewer works out what a person may see.
func NewViewer(p Person, session string, grants []Grant, tree *Tree) Viewer {
	v := Viewer{Person: p, Session: session, grants: grants}
	for _, g := range grants {
		if g.Access != Manager {
			continue
		}
		for _, id := range tree.Below(g.Team) {
			if !slices.Contains(v.teams, id) {
				v.teams = append(v.teams, id)
			}
		}
	}
	return v
}

// SignedIn reports whether there is somebody.
func (v Viewer) SignedIn() bool { return v.Person.ID != "" }

// Is reports whether the viewer has any of the access roles.
func (v Viewer) Is(any ...Access) bool {
	return slices.ContainsFunc(v.grants, func(g Grant) bool { return slices.Contains(any, g.Access) })
}

// Accesses are the viewer's access roles without repeats.
func (v Viewer) Accesses() []Access {
	var out []Access
	for _, a := range Accesses {
		if v.Is(a) {
			out = append(out, a)
		}
	}
	return out
}

// Teams are the teams that the viewer manages, those below included; nil for none.
func (v Viewer) Teams() []string { return v.teams }

// Manages reports whether the viewer manages a team.
func (v Viewer) Manages(team string) bool { return slices.Contains(v.teams, team) }

// Roots are the teams of the viewer's own grants, where the team reports begin.
func (v Viewer) Roots() []string {
	var out []string
	for _, g := range v.grants {
		if g.Access == Manager && !slices.Contains(out, g.Team) {
			out = append(out, g.Team)
		}
	}
	return out
}

// MayGrant reports whether the viewer may give an access role: only admins give any.
func (v Viewer) MayGrant(Access) bool { return v.Is(Admin) }
