package web

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"leida/internal/org"
)

// Route is one row of the route table: the router is built from it, and the tests walk it.
type Route struct {
	Method string
	Path   string
	Public bool         // needs nobody to be signed in
	Bare   bool         // does not even look who is there: probes and assets
	Roles  []org.Access // any of these; none for whoever is signed in
	Scope  Scope        // whose data it is about
	Type   string       // of the answer; HTML where empty
	Cache  string       // no-store where empty
	Upload bool         // takes a file
	Lists  []string     // names that may be given more than once
	Limit  string       // name of the allowance that it takes from
	Heavy  bool         // costs more than a page: a few at once
	Answer bool         // takes an answer, whose fields are for its item's kind to look at
	While  []Hurdle     // reachable with these still ahead; with any other the viewer is nobody to it
	Fresh  bool         // wants a proof of who one is that is not older than proofLasts
	Handle func(*Server, *gin.Context) error
}

// Scope says whose data a route reaches. Loading is scoped in the store; the table says what to expect of it.
type Scope string

const (
	Nobodys Scope = ""         // no person's data
	Own     Scope = "own"      // the viewer's own
	OwnTeam Scope = "own team" // the viewer's own, or a person or team that the viewer manages
	Managed Scope = "managed"  // teams that the viewer manages
	Given   Scope = "given"    // assignments that the viewer made or whose targets the viewer manages
	Centre  Scope = "centre"   // the whole centre, by role
)

func (r Route) cache() string {
	if r.Cache != "" {
		return r.Cache
	}
	return "no-store"
}

// Writes reports whether the route changes anything. Nothing that is asked for with GET does.
func (r Route) Writes() bool { return r.Method != http.MethodGet }

var (
	trainers = []org.Access{org.Trainer, org.Admin}
	assigns  = []org.Access{org.Trainer, org.Manager}
	managers = []org.Access{org.Manager}
	admins   = []org.Access{org.Admin}
)

const (
	get  = http.MethodGet
	post = http.MethodPost
)

// Routes is every route with its roles and scope.
var Routes = []Route{
	{Method: get, Path: "/healthz", Public: true, Bare: true, Type: "text/plain", Handle: (*Server).healthz},
	{Method: get, Path: "/readyz", Public: true, Bare: true, Type: "text/plain", Handle: (*Server).readyz},
	{Method: get, Path: "/static/*name", Public: true, Bare: true, Type: "asset", Cache: "public, max-age=31536000, immutable", Handle: (*Server).asset},
	{Method: get, Path: "/favicon.ico", Public: true, Bare: true, Type: "asset", Handle: (*Server).favicon},

	{Method: get, Path: "/login", Public: true, Handle: (*Server).loginForm},
	{Method: post, Path: "/login", Public: true, Handle: (*Server).login},
	{Method: get, Path: "/login/code", Scope: Own, While: []Hurdle{Code}, Handle: (*Server).codeForm},
	{Method: post, Path: "/login/code", Scope: Own, While: []Hurdle{Code}, Handle: (*Server).loginCode},
	{Method: post, Path: "/logout", Public: true, While: hurdles, Handle: (*Server).logout},
	{Method: post, Path: "/language", Public: true, Handle: (*Server).language},
	{Method: get, Path: "/account", Scope: Own, Handle: (*Server).account},
	{Method: get, Path: "/account/password", Scope: Own, While: []Hurdle{Password}, Handle: (*Server).passwordForm},
	{Method: post, Path: "/account/password", Scope: Own, While: []Hurdle{Password}, Handle: (*Server).changePassword},
	{Method: get, Path: "/account/factor", Scope: Own, While: []Hurdle{Enrol}, Handle: (*Server).factor},
	{Method: post, Path: "/account/factor", Scope: Own, While: []Hurdle{Enrol}, Fresh: true, Handle: (*Server).beginFactor},
	{Method: post, Path: "/account/factor/confirm", Scope: Own, While: []Hurdle{Enrol}, Fresh: true, Handle: (*Server).confirmFactor},
	{Method: post, Path: "/account/factor/codes", Scope: Own, Fresh: true, Handle: (*Server).renewCodes},
	{Method: post, Path: "/account/factor/remove", Scope: Own, Fresh: true, Handle: (*Server).removeFactor},
	{Method: get, Path: "/account/proof", Scope: Own, While: []Hurdle{Enrol}, Handle: (*Server).proofForm},
	{Method: post, Path: "/account/proof", Scope: Own, While: []Hurdle{Enrol}, Handle: (*Server).proveAgain},
	{Method: post, Path: "/account/sessions/revoke", Scope: Own, Fresh: true, Handle: (*Server).revokeOthers},
	{Method: post, Path: "/account/sessions/:session/revoke", Scope: Own, Fresh: true, Handle: (*Server).revokeSession},
	{Method: get, Path: "/help", Handle: (*Server).help},

	{Method: get, Path: "/", Scope: Own, Handle: (*Server).home},
	{Method: post, Path: "/assignments/:assignment/start", Scope: Own, Limit: "start", Handle: (*Server).startSitting},
	{Method: get, Path: "/sittings/:sitting", Scope: Own, Handle: (*Server).resumeSitting},
	{Method: get, Path: "/sittings/:sitting/items/:n", Scope: Own, Handle: (*Server).sittingItem},
	{Method: post, Path: "/sittings/:sitting/items/:n", Scope: Own, Answer: true, Handle: (*Server).answerItem},
	{Method: post, Path: "/sittings/:sitting/items/:n/open", Scope: Own, Handle: (*Server).openItem},
	{Method: post, Path: "/sittings/:sitting/take", Scope: Own, Handle: (*Server).takeSitting},
	{Method: get, Path: "/sittings/:sitting/submit", Scope: Own, Handle: (*Server).confirmSubmit},
	{Method: post, Path: "/sittings/:sitting/submit", Scope: Own, Handle: (*Server).submitSitting},
	{Method: get, Path: "/sittings/:sitting/result", Scope: OwnTeam, Handle: (*Server).sittingResult},

	{Method: get, Path: "/me", Scope: Own, Handle: (*Server).me},
	{Method: get, Path: "/people/:person", Scope: OwnTeam, Handle: (*Server).person},
	{Method: get, Path: "/people/:person/radar.svg", Scope: OwnTeam, Type: "image/svg+xml", Heavy: true, Limit: "export", Handle: (*Server).personRadar},
	{Method: get, Path: "/people/:person/scores.csv", Scope: OwnTeam, Type: "text/csv", Heavy: true, Limit: "export", Handle: (*Server).personCSV},
	{Method: get, Path: "/people/:person/subs/:sub", Scope: OwnTeam, Handle: (*Server).personSub},

	{Method: get, Path: "/teams", Roles: managers, Scope: Managed, Heavy: true, Handle: (*Server).teams},
	{Method: get, Path: "/teams/:team", Roles: managers, Scope: Managed, Heavy: true, Handle: (*Server).team},
	{Method: get, Path: "/teams/:team/scores.csv", Roles: managers, Scope: Managed, Type: "text/csv", Heavy: true, Limit: "export", Handle: (*Server).teamCSV},
	{Method: get, Path: "/teams/:team/radar.svg", Roles: managers, Scope: Managed, Type: "image/svg+xml", Heavy: true, Limit: "export", Handle: (*Server).teamRadar},

	{Method: get, Path: "/assignments", Roles: assigns, Scope: Given, Handle: (*Server).assignments},
	{Method: get, Path: "/assignments/new", Roles: assigns, Scope: Given, Handle: (*Server).newAssignment},
	{Method: post, Path: "/assignments", Roles: assigns, Scope: Given, Lists: []string{"teams"}, Limit: "assign", Handle: (*Server).createAssignment},
	{Method: get, Path: "/assignments/:assignment", Roles: assigns, Scope: Given, Handle: (*Server).assignment},
	{Method: post, Path: "/assignments/:assignment/time", Roles: assigns, Scope: Given, Handle: (*Server).setExtraTime},

	{Method: get, Path: "/bank", Roles: trainers, Scope: Nobodys, Handle: (*Server).bank},
	{Method: get, Path: "/bank/quality", Roles: trainers, Scope: Centre, Handle: (*Server).quality},
	{Method: get, Path: "/bank/assessments/:assessment", Roles: trainers, Scope: Centre, Handle: (*Server).form},
	{Method: get, Path: "/bank/items/:item", Roles: trainers, Scope: Nobodys, Handle: (*Server).bankItem},
	{Method: get, Path: "/bank/items/:item/rescore", Roles: trainers, Scope: Nobodys, Handle: (*Server).rescoreForm},
	{Method: post, Path: "/bank/items/:item/rescore", Roles: trainers, Scope: Centre, Handle: (*Server).planRescoring},
	{Method: get, Path: "/bank/rescorings/:rescoring", Roles: trainers, Scope: Centre, Handle: (*Server).rescoring},
	{Method: post, Path: "/bank/rescorings/:rescoring/apply", Roles: trainers, Scope: Centre, Handle: (*Server).applyRescoring},
	{Method: post, Path: "/bank/rescorings/:rescoring/cancel", Roles: trainers, Scope: Centre, Handle: (*Server).cancelRescoring},
	{Method: post, Path: "/bank/rescorings/:rescoring/undo", Roles: trainers, Scope: Centre, Handle: (*Server).undoRescoring},
	{Method: get, Path: "/bank/report", Roles: trainers, Scope: Nobodys, Heavy: true, Handle: (*Server).bankReport},

	{Method: get, Path: "/admin/people", Roles: admins, Scope: Centre, Handle: (*Server).people},
	{Method: get, Path: "/admin/people/:person", Roles: admins, Scope: Centre, Handle: (*Server).editPerson},
	{Method: post, Path: "/admin/people/:person/access", Roles: admins, Scope: Centre, Fresh: true, Lists: []string{"access", "teams"}, Handle: (*Server).setAccess},
	{Method: post, Path: "/admin/people/:person/password", Roles: admins, Scope: Centre, Limit: "reset", Fresh: true, Handle: (*Server).resetPassword},
	{Method: post, Path: "/admin/people/:person/factor", Roles: admins, Scope: Centre, Fresh: true, Handle: (*Server).resetFactor},
	{Method: post, Path: "/admin/people/:person/sessions", Roles: admins, Scope: Centre, Fresh: true, Handle: (*Server).endSessions},
	{Method: post, Path: "/admin/sessions", Roles: admins, Scope: Centre, Fresh: true, Handle: (*Server).endAllSessions},
	{Method: get, Path: "/admin/roster", Roles: admins, Scope: Centre, Handle: (*Server).rosterForm},
	{Method: post, Path: "/admin/roster", Roles: admins, Scope: Centre, Upload: true, Heavy: true, Limit: "import", Handle: (*Server).importRoster},
	{Method: get, Path: "/admin/cycles", Roles: admins, Scope: Centre, Handle: (*Server).cycles},
	{Method: post, Path: "/admin/cycles/:cycle/close", Roles: admins, Scope: Centre, Heavy: true, Handle: (*Server).closeCycle},
}
