package web

import (
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"leida/internal/fault"
	"leida/internal/org"
	"leida/internal/store"
	"leida/internal/text"
)

// request is what the middleware finds out for the handlers.
type request struct {
	id      string
	started time.Time
	lang    text.Lang
	viewer  org.Viewer    // nobody, while a hurdle is ahead that the route is no part of
	session store.Session // whole or half
	ahead   Hurdle
	place   *store.Place // that an answer is for
	event   string       // what was noted
}

const keyRequest = "leida.request"

// asked is what is known of a request so far.
func asked(c *gin.Context) *request {
	if x, ok := c.Get(keyRequest); ok {
		return x.(*request)
	}
	r := &request{lang: text.ZH}
	c.Set(keyRequest, r)
	return r
}

// adapt turns a route into a gin handler: who asks, may they, do it, and what became of it.
func (s *Server) adapt(r Route) gin.HandlerFunc {
	return func(c *gin.Context) {
		c.Header("Cache-Control", r.cache())
		err := s.admit(c, r)
		if err == nil {
			err = s.handle(c, r)
		}
		if err != nil {
			s.noteDenied(c, r, err)
			s.fail(c, err)
		}
		s.logRequest(c, r, err)
	}
}

// handle does the work, when it is heavy in its turn.
func (s *Server) handle(c *gin.Context, r Route) error {
	if r.Heavy {
		leave, err := s.heavy.enter(c.Request.Context())
		if err != nil {
			return err
		}
		defer leave()
	}
	return r.Handle(s, c)
}

// admit finds the viewer and holds the route's roles against them.
func (s *Server) admit(c *gin.Context, r Route) error {
	limit := int64(maxBody)
	if r.Upload {
		limit = maxUpload
	}
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, limit)
	asked(c).lang = s.chooseLang(c)
	if r.Bare {
		return nil
	}
	checkParams(c)
	v, err := s.meet(c, r)
	if err != nil {
		return err
	}
	switch {
	case !r.Public && aheadOf(c) != None && !v.SignedIn():
		return fault.New(fault.Unauthenticated, "web.unfinished")
	case !r.Public && !v.SignedIn():
		return fault.New(fault.Unauthenticated, "web.sign_in_first")
	case len(r.Roles) > 0 && !v.Is(r.Roles...):
		return fault.New(fault.Forbidden, "web.forbidden")
	case s.stale(c, r):
		return errStale
	}
	if err := checkInput(c, r); err != nil {
		return err
	}
	return s.checkLimit(c, r.Limit)
}

// noteDenied records that somebody signed in asked for what is not theirs, or not there: whoever tries ids one by one leaves a trail. A few a minute are enough for that.
func (s *Server) noteDenied(c *gin.Context, r Route, err error) {
	v := viewer(c)
	if !v.SignedIn() || len(c.Params) == 0 || r.Scope == Nobodys || !fault.Is(err, fault.NotFound) {
		return
	}
	note(c, eventDenied)
	ok, err := s.spend(c, "denied")
	if ok {
		err = s.audit(c, store.AuditEntry{Action: "denied", Object: r.Path, ObjectID: clip(c.Params[0].Value)})
	}
	if err != nil {
		s.Log.Error("audit", "request", requestID(c), "error", err)
	}
}

// clip keeps an id that somebody made up short and printable.
func clip(s string) string {
	const most = 64
	r := []rune(strings.ToValidUTF8(s, "?"))
	return strings.ReplaceAll(string(r[:min(most, len(r))]), "\x00", "?")
}

func viewer(c *gin.Context) org.Viewer { return asked(c).viewer }

func lang(c *gin.Context) text.Lang { return asked(c).lang }

func requestID(c *gin.Context) string { return asked(c).id }

// identify gives each request an id of our own; one sent by a client is not believed.
func (s *Server) identify(c *gin.Context) {
	var b [8]byte
	if _, err := io.ReadFull(s.Rand, b[:]); err != nil {
		s.Log.Error("random source", "error", err)
	}
	r := asked(c)
	r.id, r.started = hex.EncodeToString(b[:]), s.Now()
	c.Header("X-Request-Id", r.id)
	c.Next()
}

func (s *Server) recoverPanics(c *gin.Context) {
	defer func() {
		if p := recover(); p != nil {
			s.Log.Error("panic", "event", eventPanic, "request", requestID(c), "address", c.ClientIP(), "value", fmt.Sprint(p), "stack", string(debug.Stack()))
			s.fail(c, fault.New(fault.Internal, "web.internal"))
		}
	}()
	c.Next()
}

// contentPolicy lets a page load its own scripts, styles, images and data, and nothing else; nothing inline.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// dataPolicy is that of replies to scripts: no browser draws them.
const dataPolicy = "default-src 'none'; frame-ancestors 'none'"

// onPages are the headers of every response, by their canonical names; onData those of replies to scripts, which leave out what a browser heeds in a page alone. onEverySecure are those over HTTPS
// alone. The values are shared by all and never changed.
var (
	onPages = http.Header{
		"Content-Security-Policy":      {contentPolicy},
		"X-Content-Type-Options":       {"nosniff"},
		"Referrer-Policy":              {"same-origin"},
		"Cross-Origin-Opener-Policy":   {"same-origin"},
		"Cross-Origin-Resource-Policy": {"same-origin"},
		"Permissions-Policy":           {"camera=(), geolocation=(), microphone=(), payment=()"},
	}
	onData = http.Header{
		"Content-Security-Policy":      {dataPolicy},
		"X-Content-Type-Options":       onPages["X-Content-Type-Options"],
		"Cross-Origin-Resource-Policy": onPages["Cross-Origin-Resource-Policy"],
	}
	onEverySecure = http.Header{"Strict-Transport-Security": {"max-age=31536000; includeSubDomains"}}
)

func (s *Server) headers(c *gin.Context) {
	h := c.Writer.Header()
	maps.Copy(h, onPages)
	if s.Secure {
		maps.Copy(h, onEverySecure)
	}
	if len(c.Request.TransferEncoding) > 0 {
		h.Set("Connection", "close") // it may have had a Content-Length as well, by which a proxy in front would see another end: nothing may follow it
	}
	c.Next()
}

// sendData replies to a script.
func sendData(c *gin.Context, status int, data any) {
	h := c.Writer.Header()
	maps.DeleteFunc(h, func(name string, _ []string) bool { return onPages[name] != nil })
	maps.Copy(h, onData)
	c.JSON(status, data)
}

var sameOrigin = http.NewCrossOriginProtection()

// crossOrigin refuses state changes that another site asks for, signing in and out among them.
func (s *Server) crossOrigin(c *gin.Context) {
	if err := sameOrigin.Check(c.Request); err != nil {
		asked(c).lang = s.chooseLang(c)
		err = fault.New(fault.Forbidden, "web.cross_site").Because(err)
		note(c, eventCross)
		s.fail(c, err)
		s.logRequest(c, Route{Method: c.Request.Method, Path: c.FullPath()}, err)
		c.Abort()
		return
	}
	c.Next()
}

// logRequest writes one line a request: ids and figures, no names, no query, no answers.
func (s *Server) logRequest(c *gin.Context, r Route, err error) {
	now := s.Now()
	took := now.Sub(asked(c).started)
	status := c.Writer.Status()
	s.metrics.observe(r, status, took)
	attrs := make([]slog.Attr, 0, 9)
	attrs = append(attrs, slog.String("request", requestID(c)), slog.String("address", c.ClientIP()), slog.String("method", c.Request.Method), slog.String("route", r.Path),
		slog.Int("status", status), slog.Int64("ms", took.Milliseconds()))
	if v := viewer(c); v.SignedIn() {
		attrs = append(attrs, slog.String("person", v.Person.ID))
	}
	event := eventOf(c, err)
	if event != "" {
		attrs = append(attrs, slog.String("event", event))
	}
	if err != nil {
		attrs = append(attrs, slog.String("error", forLog(err, status)))
	}
	ctx, level := c.Request.Context(), eventLevel(event, status)
	if h := s.Log.Handler(); h.Enabled(ctx, level) { // past the Logger, which would look up where it was called
		line := slog.NewRecord(now, level, "request", 0)
		line.AddAttrs(attrs...)
		_ = h.Handle(ctx, line) // as the Logger does: there is nobody to tell
	}
}

// chooseLang is the cookie's language, else what the browser asks for, else Chinese.
func (s *Server) chooseLang(c *gin.Context) text.Lang {
	if cookie, err := c.Cookie(s.cookieName(langCookie)); err == nil {
		if l, ok := text.ParseLang(cookie); ok {
			return l
		}
	}
	return text.Match(c.GetHeader("Accept-Language"))
}

const langCookie = "leida_lang"

// cookieName is a cookie's name on the wire: over HTTPS with the prefix that makes browsers refuse it from anybody but this very host.
func (s *Server) cookieName(name string) string {
	if s.Secure {
		return "__Host-" + name
	}
	return name
}

// setCookie sets a cookie that scripts cannot read and other sites cannot send along with writes.
func (s *Server) setCookie(c *gin.Context, name, value string, lasts time.Duration) {
	http.SetCookie(c.Writer, &http.Cookie{Name: s.cookieName(name), Value: value, Path: "/", MaxAge: int(lasts.Seconds()),
		HttpOnly: true, Secure: s.Secure, SameSite: http.SameSiteLaxMode})
}
