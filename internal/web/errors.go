package web

import (
	"errors"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"leida/internal/fault"
	"leida/internal/text"
)

// statuses is the one place where a kind of fault becomes a status.
var statuses = map[fault.Kind]int{
	fault.Invalid:         http.StatusUnprocessableEntity,
	fault.BadRequest:      http.StatusBadRequest,
	fault.TooLarge:        http.StatusRequestEntityTooLarge,
	fault.Unauthenticated: http.StatusUnauthorized,
	fault.Forbidden:       http.StatusForbidden,
	fault.NotFound:        http.StatusNotFound,
	fault.Conflict:        http.StatusConflict,
	fault.Throttled:       http.StatusTooManyRequests,
	fault.Busy:            http.StatusServiceUnavailable,
	fault.Internal:        http.StatusInternalServerError,
}

// errorPage is what a person sees when something did not work: what happened, what to do, and the number to quote.
type errorPage struct {
	frame
	Status   int
	Message  string
	Advice   string
	Problems []string
	SignIn   string // where to sign in and come back; empty unless that is the trouble
}

type errorReply struct {
	Error struct {
		Kind     string         `json:"kind"`
		Code     string         `json:"code"`
		Message  string         `json:"message"`
		Problems []replyProblem `json:"problems,omitempty"`
		Request  string         `json:"request"`
	} `json:"error"`
}

type replyProblem struct {
	Path    string `json:"path"`
	Message string `json:"message"`
}

// fail answers a request that went wrong, as a page or as JSON. The cause goes to the log alone.
func (s *Server) fail(c *gin.Context, err error) {
	if c.Writer.Written() {
		return
	}
	f := publicFault(err)
	status := statuses[f.Kind]
	c.Header("Cache-Control", "no-store")
	if (f.Kind == fault.Busy || f.Kind == fault.Throttled) && c.Writer.Header().Get("Retry-After") == "" {
		c.Header("Retry-After", "5")
	}
	l := lang(c)
	if wantsJSON(c) {
		var r errorReply
		r.Error.Kind, r.Error.Code, r.Error.Request = string(f.Kind), f.Key[strings.LastIndexByte(f.Key, '.')+1:], requestID(c)
		r.Error.Message = s.say(l, f.Key, f.Args)
		for _, p := range f.Problems {
			r.Error.Problems = append(r.Error.Problems, replyProblem{p.Path, text.Problem(l, p)})
		}
		sendData(c, status, r)
		return
	}
	switch {
	case f.Kind == fault.Unauthenticated && reading(c):
		c.Redirect(http.StatusSeeOther, aheadOf(c).path()+"?next="+escapeNext(c.Request.URL.RequestURI()))
		return
	case f == errStale:
		c.Redirect(http.StatusSeeOther, proofURL(c))
		return
	}
	page := &errorPage{Status: status, Message: s.say(l, f.Key, f.Args), Advice: text.Say(l, "web.advice."+string(f.Kind))}
	page.Title = text.Say(l, "web.error.title")
	if f.Kind == fault.Unauthenticated {
		page.SignIn = aheadOf(c).path()
	}
	for _, p := range f.Problems {
		page.Problems = append(page.Problems, strings.TrimPrefix(p.Path+": ", ": ")+text.Problem(l, p))
	}
	if err := s.renderStatus(c, status, "error", page); err != nil {
		s.Log.Error("error page", "request", requestID(c), "error", err)
		c.String(status, "%s (%s)\n", page.Message, requestID(c))
	}
}

// publicFault is what a person may know of an error: a fault as it is, anything else only that it happened.
func publicFault(err error) *fault.Error {
	var tooBig *http.MaxBytesError
	switch f := fault.As(err); {
	case errors.As(err, &tooBig):
		return fault.New(fault.TooLarge, "web.too_large", "max", tooBig.Limit)
	case f == nil || f.Kind == fault.Internal:
		return fault.New(fault.Internal, "web.internal")
	default:
		return f
	}
}

// say fills a message, with times in the centre's zone.
func (s *Server) say(l text.Lang, key string, args fault.Args) string {
	return text.Say(l, key, s.templates.localArgs(l, args))
}

func wantsJSON(c *gin.Context) bool {
	return strings.HasPrefix(c.GetHeader("Accept"), "application/json")
}

// reading reports whether a request asks for a page or its headers.
func reading(c *gin.Context) bool {
	return c.Request.Method == http.MethodGet || c.Request.Method == http.MethodHead
}

// missing answers addresses that are not ours.
func (s *Server) missing(*gin.Context) error { return fault.New(fault.NotFound, "web.not_found") }
