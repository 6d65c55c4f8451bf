// Package web is the pages: every route, the sessions behind them, and the one place where errors become responses. gin lives here alone.
package web

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"leida/internal/org"
	"leida/internal/profile"
	"leida/internal/rescore"
	"leida/internal/store"
)

// Config is what a server is made of. Clock and random source are handed in; nothing here looks for its own.
type Config struct {
	Store       *store.Store
	Definitions *Definitions
	Log         *slog.Logger
	Now         func() time.Time
	Rand        io.Reader
	Zone        *time.Location // of the centre: its days, windows and cycles
	Secure      bool           // served over TLS: cookies say so
	Trusted     []string       // proxies whose X-Forwarded-For is believed; none by default
	Demo        bool           // says so on every page, and names the demo's logins at the door
	Registerer  Registerer     // metrics; nil for none

	SecondFactor []org.Access // roles that must have a second factor; whoever else may
	Breached     *Breached    // passwords known from breaches; nil for none
}

// Server answers every request.
type Server struct {
	Config
	engine    *gin.Engine
	rules     profile.Rules
	templates *templates
	passwords passwords
	rescores  rescore.Desk // where pages ask for rescorings
	worker    rescore.Desk // where the server works on them
	heavy     gate
	surveyed  surveyed
	metrics   *metrics
	name      string // of this server among several on one database
}

// Limits of a request; what is above is refused before it costs anything.
const (
	maxBody       = 256 << 10 // bytes of a form or a JSON body
	maxUpload     = 8 << 20   // bytes of an uploaded file
	maxHeader     = 32 << 10
	headerTimeout = 10 * time.Second
	readTimeout   = 30 * time.Second
	writeTimeout  = 60 * time.Second
	idleTimeout   = 2 * time.Minute
)

// New builds a server. Its error names a template that does not fit its page: better at the start than before a person.
func New(c Config) (*Server, error) {
	t, err := loadTemplates(c.Zone)
	if err != nil {
		return nil, err
	}
	s := &Server{Config: c, rules: profile.DefaultRules(), templates: t, passwords: newPasswords(c.Rand), heavy: newGate(heavyAtOnce, heavyWaiting), metrics: newMetrics(c.Registerer), name: c.Store.NewID()}
	s.rescores = rescore.Desk{Store: c.Store, Definitions: c.Definitions, Rules: s.rules, Now: c.Now}
	s.worker = s.rescores
	gin.SetMode(gin.ReleaseMode)
	s.engine = gin.New()
	s.engine.HandleMethodNotAllowed = false
	s.engine.RedirectTrailingSlash = false
	s.engine.RemoteIPHeaders = []string{"X-Forwarded-For"} // gin would read X-Real-Ip too, which a proxy that sets the other may hand on as the client wrote it
	if err := s.engine.SetTrustedProxies(c.Trusted); err != nil {
		return nil, fmt.Errorf("trusted proxies: %w", err)
	}
	s.engine.Use(s.identify, s.recoverPanics, s.headers, s.crossOrigin)
	for _, r := range Routes {
		s.engine.Handle(r.Method, r.Path, s.adapt(r))
		if !r.Writes() {
			s.engine.HEAD(r.Path, s.adapt(r)) // the same answer, its body left out
		}
	}
	s.engine.NoRoute(s.adapt(Route{Public: true, Handle: (*Server).missing}))
	return s, nil
}

// Handler is the server as an http.Handler.
func (s *Server) Handler() http.Handler { return s.engine }

// HTTP is an http.Server with its limits set, for cmd/leida to listen with.
func (s *Server) HTTP(base context.Context) *http.Server {
	return &http.Server{
		Handler:           s.engine,
		MaxHeaderBytes:    maxHeader,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		ErrorLog:          slog.NewLogLogger(s.Log.Handler(), slog.LevelWarn),
	}
}
