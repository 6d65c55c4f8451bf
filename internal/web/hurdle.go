package web

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"leida/internal/fault"
	"leida/internal/org"
	"leida/internal/store"
)

// Hurdle is what a person who gave the right password has still to do before anything else. Until then they are nobody to every route that does not name it.
type Hurdle string

// In the order in which they are met.
const (
	None     Hurdle = ""
	Code     Hurdle = "code"     // of their second factor
	Password Hurdle = "password" // of their own, in place of a one-time password
	Enrol    Hurdle = "enrol"    // a second factor, which their role must have
)

// hurdles is for routes that are open at every one of them.
var hurdles = []Hurdle{Code, Password, Enrol}

// path is the page where a hurdle is taken.
func (h Hurdle) path() string {
	switch h {
	case Code:
		return "/login/code"
	case Password:
		return "/account/password"
	case Enrol:
		return "/account/factor"
	}
	return "/login"
}

// ahead is the hurdle before a viewer in a session.
func (s *Server) ahead(v org.Viewer, session store.Session) Hurdle {
	switch {
	case !v.SignedIn():
		return None
	case session.Half:
		return Code
	case session.OneTime:
		return Password
	case !session.Factor && v.Is(s.SecondFactor...):
		return Enrol
	}
	return None
}

func aheadOf(c *gin.Context) Hurdle { return asked(c).ahead }

// session is the session of a request, whole or half.
func session(c *gin.Context) store.Session { return asked(c).session }

// meet finds out who asks and what is ahead of them, and makes them nobody to a route that is not part of that.
func (s *Server) meet(c *gin.Context, r Route) (org.Viewer, error) {
	q := asked(c)
	if n, err := placeParam(c); r.Answer && err == nil {
		q.place = &store.Place{Sitting: c.Param("sitting"), N: n}
	}
	v, session, err := s.findViewer(c, q.place)
	if err != nil {
		return v, err
	}
	q.ahead, q.session = s.ahead(v, session), session
	if q.ahead != None && !slices.Contains(r.While, q.ahead) {
		v = org.Viewer{}
	}
	q.viewer = v
	return v, nil
}

// proofLasts is how long a proof of who one is holds for what is delicate: sessions, second factors, others' access.
const proofLasts = 15 * time.Minute

var errStale = fault.New(fault.Forbidden, "web.prove_first")

// stale reports whether a route asks for a proof that the session no longer has.
func (s *Server) stale(c *gin.Context, r Route) bool {
	return r.Fresh && s.Now().Sub(session(c).ProvedAt) > proofLasts
}

// proofURL asks for the proof and leads back to the page that the request came from.
func proofURL(c *gin.Context) string {
	back := "/account"
	if from, err := url.Parse(c.GetHeader("Referer")); err == nil && from.Host == c.Request.Host && from.Path != "" {
		back = safeNext(from.RequestURI())
	}
	return "/account/proof?next=" + escapeNext(back)
}

// onward goes on to the address that the form carries.
func onward(c *gin.Context) { c.Redirect(http.StatusSeeOther, safeNext(c.PostForm("next"))) }
