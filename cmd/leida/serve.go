package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // zones on machines that have none installed

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"leida/internal/capability"
	"leida/internal/store"
	"leida/internal/web"
)

// databaseFlags say where the data lie.
type databaseFlags struct {
	Data string `default:"./data" env:"LEIDA_DATA" type:"path" help:"Directory of the database and what lies beside it; made if absent."`
	DB   string `name:"db" env:"LEIDA_DB" placeholder:"URL" help:"A PostgreSQL database, postgres://user@host/name?sslmode=verify-full, instead of the file in the directory. With a password, set it by LEIDA_DB or PGPASSWORD: arguments are seen by others."`
	Zone string `default:"Asia/Shanghai" env:"LEIDA_ZONE" help:"Time zone of the centre (an IANA name): its days, windows and cycles."`
}

// definitionFlags say which definitions are in force.
type definitionFlags struct {
	Assessments string `env:"LEIDA_ASSESSMENTS" placeholder:"DIR" help:"Directory of definitions; a server watches it for changes (default: those built in)."`
}

// model is the capability model of the definitions, for commands that need nothing else of them.
func (f definitionFlags) model() (*capability.Model, error) {
	if f.Assessments == "" {
		return builtInModel(), nil
	}
	lib, report, err := loadDir(f.Assessments)
	if err != nil {
		return nil, err
	}
	if lib == nil {
		return nil, fmt.Errorf("the definitions in %s are unsound (%d errors); see: leida check %s", f.Assessments, report.Errors(), f.Assessments)
	}
	return lib.Model, nil
}

// serveCmd is the server's whole configuration.
type serveCmd struct {
	databaseFlags
	definitionFlags
	careFlags
	upgradeFlags
	Addr        string `default:"localhost:8080" env:"LEIDA_ADDR" help:"Address to listen on."`
	MetricsAddr string `default:"127.0.0.1:9464" env:"LEIDA_METRICS_ADDR" help:"Address of the metrics listener, apart from the pages; empty for none."`
	Secure      bool   `env:"LEIDA_SECURE" help:"Pages are reached over HTTPS (through a proxy): cookies say so."`
	listenFlags
	signInFlags
	TrustProxy []string `env:"LEIDA_TRUST_PROXY" placeholder:"CIDR" help:"Proxies whose X-Forwarded-For is believed."`
	Demo       bool     `env:"LEIDA_DEMO" help:"Make the demonstration centre where there is no database yet, and show its logins."`
	LogFormat  string   `default:"text" enum:"text,json" env:"LEIDA_LOG_FORMAT" help:"Log format: text or json."`
	LogLevel   string   `default:"info" enum:"debug,info,warn,error" env:"LEIDA_LOG_LEVEL" help:"Least level to log."`
}

// How the collector works, where neither GOGC nor GOMEMLIMIT say otherwise: the heap grows to four times what is live, which under saves is a tenth less processor
// time for 20 MB more; but many people who sign in at once, at 19 MiB each for argon2, do not grow it beyond the limit.
const (
	collectAt   = 300 // percent
	memoryLimit = 96 << 20
)

func tuneMemory() {
	const unset = 100
	if was := debug.SetGCPercent(collectAt); was != unset {
		debug.SetGCPercent(was)
	}
	if debug.SetMemoryLimit(-1) == math.MaxInt64 {
		debug.SetMemoryLimit(memoryLimit)
	}
}

const (
	sweepEvery    = time.Second
	tidyEvery     = time.Minute
	shutdownGrace = 20 * time.Second
)

func (c *serveCmd) Run(w *world) error {
	tuneMemory()
	log := c.logger(w)
	if err := c.checkAddresses(); err != nil {
		return err
	}
	zone, err := c.zone()
	if err != nil {
		return err
	}
	if c.Demo {
		if err := seedDemo(w, c.databaseFlags, builtIn(), log); err != nil {
			return err
		}
	}
	st, err := c.openAlone(w, log)
	if err != nil {
		return err
	}
	defer st.Close()
	if err := st.Upgrade(w.ctx, c.BackedUp); err != nil {
		return err
	}
	source := definitions{dir: c.Assessments, kept: filepath.Join(c.Data, "definitions.sound"), st: st, log: log}
	defs, err := source.load(w.ctx)
	if err != nil {
		return err
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	config := web.Config{Store: st, Definitions: defs, Log: log, Now: w.now, Rand: w.rand, Zone: zone,
		Secure: c.https(), Trusted: c.TrustProxy, Demo: c.Demo, Registerer: registry}
	done, err := c.signInFlags.apply(&config)
	if err != nil {
		return err
	}
	defer done()
	srv, err := web.New(config)
	if err != nil {
		return err
	}
	care := c.newCarer(w, st, zone, log, registry)
	return c.serve(w, srv, func(ctx context.Context) { source.watch(ctx, defs) }, care.run, st, registry, log)
}

// serve listens until the context ends, then lets running requests finish. The listener is open before the address is printed.
func (c *serveCmd) serve(w *world, srv *web.Server, watch, care func(context.Context), st *store.Store, registry *prometheus.Registry, log *slog.Logger) error {
	database, err := st.Engine(w.ctx)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", c.Addr)
	if err != nil {
		return err
	}
	background, stop := context.WithCancel(w.ctx)
	var tasks sync.WaitGroup
	tasks.Go(func() { sweep(background, srv, log) })
	tasks.Go(func() { care(background) })
	tasks.Go(func() { rescorings(background, srv, log) })
	if c.Assessments != "" {
		tasks.Go(func() { watch(background) })
	}
	server := srv.HTTP(w.ctx)
	metrics := c.metrics(registry, log)
	failed := make(chan error, 1)
	tasks.Go(func() { failed <- c.listen(server, listener) })
	log.Info("serving", "address", c.url(), "version", version(), "database", database)
	fmt.Fprintf(w.out, "leida %s: %s\n", release, c.url())
	if c.Demo {
		fmt.Fprintln(w.out, demoLogins(w.lang))
	}
	select {
	case <-w.ctx.Done():
		err = nil
	case err = <-failed:
	}
	stop()
	ending, cancel := context.WithTimeout(context.WithoutCancel(w.ctx), shutdownGrace)
	defer cancel()
	err = errors.Join(ignoreClosed(err), server.Shutdown(ending))
	if metrics != nil {
		err = errors.Join(err, metrics.Shutdown(ending))
	}
	tasks.Wait()
	log.Info("stopped")
	return err
}

func ignoreClosed(err error) error {
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// metrics serves on a listener of its own; that it cannot is worth a warning, not the end.
func (c *serveCmd) metrics(registry *prometheus.Registry, log *slog.Logger) *http.Server {
	if c.MetricsAddr == "" {
		return nil
	}
	listener, err := net.Listen("tcp", c.MetricsAddr)
	if err != nil {
		log.Warn("no metrics", "error", err)
		return nil
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go func() {
		if err := ignoreClosed(server.Serve(listener)); err != nil {
			log.Warn("metrics", "error", err)
		}
	}()
	return server
}

// sweep hands in the sittings whose time is over, and now and then tidies up.
func sweep(ctx context.Context, srv *web.Server, log *slog.Logger) {
	tick, tidy := time.NewTicker(sweepEvery), time.NewTicker(tidyEvery)
	defer tick.Stop()
	defer tidy.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tidy.C:
			if err := srv.Tidy(ctx); err != nil && ctx.Err() == nil {
				log.Error("tidy", "error", err)
			}
		case <-tick.C:
			if n, err := srv.SubmitDue(ctx); err != nil && ctx.Err() == nil {
				log.Error("sweep", "submitted", n, "error", err)
			} else if n > 0 {
				log.Info("sweep", "submitted", n)
			}
		}
	}
}

// rescorings keeps the results of sittings from before results were kept, once, and then does what rescorings ask for.
func rescorings(ctx context.Context, srv *web.Server, log *slog.Logger) {
	if n, err := srv.Definitions.FreezeResults(ctx); err != nil && ctx.Err() == nil {
		log.Error("results", "kept", n, "error", err)
	} else if n > 0 {
		log.Info("results", "kept", n)
	}
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := srv.Rescore(ctx); err != nil && ctx.Err() == nil {
				log.Error("rescore", "error", err)
			}
		}
	}
}

func (c *serveCmd) logger(w *world) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.LogLevel)); err != nil {
		level = slog.LevelInfo // kong allows no other word
	}
	opts := &slog.HandlerOptions{Level: level, ReplaceAttr: inUTC}
	if c.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w.err, opts))
	}
	return slog.New(slog.NewTextHandler(w.err, opts))
}

// inUTC writes the time of each line in UTC, so that lines of several machines can be laid side by side.
func inUTC(groups []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey && len(groups) == 0 {
		a.Value = slog.TimeValue(a.Value.Time().UTC())
	}
	return a
}

func (f databaseFlags) zone() (*time.Location, error) {
	zone, err := time.LoadLocation(f.Zone)
	if err != nil || f.Zone == "" || f.Zone == "Local" {
		return nil, usageError{fmt.Errorf("zone %q: not an IANA name such as Asia/Shanghai", f.Zone)}
	}
	return zone, nil
}

// path is the database's file.
func (f databaseFlags) path() string { return filepath.Join(f.Data, "leida.db") }

func (f databaseFlags) open(w *world, log *slog.Logger) (*store.Store, error) {
	return f.openAs(w, log, false)
}

// openAlone opens the database for the one process that runs it.
func (f databaseFlags) openAlone(w *world, log *slog.Logger) (*store.Store, error) {
	return f.openAs(w, log, true)
}

func (f databaseFlags) openAs(w *world, log *slog.Logger, alone bool) (*store.Store, error) {
	zone, err := f.zone()
	if err != nil {
		return nil, err
	}
	if f.DB != "" && !strings.HasPrefix(f.DB, "postgres://") && !strings.HasPrefix(f.DB, "postgresql://") {
		return nil, usageError{errors.New("--db: not a PostgreSQL address such as postgres://user@host:5432/leida")}
	}
	if weakDatabase(f.DB) {
		return nil, usageError{errors.New("--db: a password that anybody would try first; give the role one of its own")}
	}
	if log != nil && unsureDatabase(f.DB) {
		log.Warn("the database is on another machine whose certificate is not checked; add sslmode=verify-full to --db")
	}
	if err := os.MkdirAll(f.Data, 0o700); err != nil {
		return nil, err
	}
	return store.Open(w.ctx, store.Config{Path: f.path(), URL: f.DB, Log: log, Now: w.now, Rand: w.rand, Zone: zone, Alone: alone, Release: version()})
}
