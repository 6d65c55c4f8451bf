// Command leida is the whole program: the server, the checker of definitions and the tools of whoever runs it.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"leida/internal/fault"
	"leida/internal/text"
)

// Exit statuses, the same for every subcommand.
const (
	exitOK      = 0
	exitFailure = 1 // findings or a failure
	exitUsage   = 2
)

// cli is the whole command line. Every flag can be set by its environment variable as well.
type cli struct {
	Lang string `enum:"zh,en," default:"" env:"LEIDA_LANG" help:"Language of messages: zh or en (default: zh, or en where the locale is English)."`

	Serve   serveCmd   `cmd:"" help:"Serve the web pages."`
	Check   checkCmd   `cmd:"" help:"Check definitions: report every problem of every file."`
	Fmt     fmtCmd     `cmd:"" help:"Lay out definition files evenly and quote their prose; comments stay."`
	Score   scoreCmd   `cmd:"" help:"Score answers to one item, one JSON object a line."`
	Demo    demoCmd    `cmd:"" help:"Fill an empty database with the demonstration centre."`
	Migrate migrateCmd `cmd:"" help:"Bring the database to this program's schema."`
	User    userCmd    `cmd:"" help:"Add people, set passwords, list who may sign in."`
	Roster  rosterCmd  `cmd:"" help:"Import people and teams."`
	Backup  backupCmd  `cmd:"" help:"Make, check, list and restore backups."`
	Audit   auditCmd   `cmd:"" help:"Check the audit log."`
	Rescore rescoreCmd `cmd:"" help:"Carry a corrected item through the sittings that had it: preview, apply, take back."`
	Analyze analyzeCmd `cmd:"" help:"Item analysis, reliability, agreement of raters, item response models, on CSV files and on what was sat."`
	Version versionCmd `cmd:"" help:"Print the version."`
}

// world is what a command may touch of the outside: its streams, its language, the clock and the random source.
type world struct {
	ctx  context.Context
	in   io.Reader
	out  io.Writer
	err  io.Writer
	lang text.Lang
	now  func() time.Time
	rand io.Reader
}

// errFindings says that the command did its work and found something: exit status 1 without another word.
var errFindings = errors.New("findings")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Getenv, os.Stdin, os.Stdout, os.Stderr))
}

// run is main without the process: it returns the exit status.
func run(ctx context.Context, args []string, getenv func(string) string, in io.Reader, out, errOut io.Writer) int {
	var c cli
	exit := -1
	parser, err := kong.New(&c,
		kong.Name("leida"),
		kong.Description("leida 雷达: assess customer-service agents and draw their capability radars."),
		kong.Writers(out, errOut),
		kong.Exit(func(code int) { exit = code }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.Resolvers(environment(getenv)),
		kong.Vars{"version": version()},
	)
	if err != nil {
		fmt.Fprintln(errOut, err)
		return exitFailure
	}
	k, err := parser.Parse(args)
	if exit >= 0 {
		return exit // --help
	}
	if err != nil {
		fmt.Fprintf(errOut, "leida: %v\n", err)
		return exitUsage
	}
	w := &world{ctx: ctx, in: in, out: out, err: errOut, lang: language(c.Lang, getenv), now: time.Now, rand: randomSource}
	return status(w, k.Run(w))
}

func status(w *world, err error) int {
	var usage usageError
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errFindings):
		return exitFailure
	case errors.As(err, &usage):
		fmt.Fprintf(w.err, "leida: %v\n", err)
		return exitUsage
	}
	if f := fault.As(err); f != nil && f.Kind != fault.Internal {
		fmt.Fprintf(w.err, "leida: %s\n", text.Say(w.lang, f.Key, f.Args))
		for _, p := range f.Problems {
			fmt.Fprintf(w.err, "  %s: %s\n", p.Path, text.Problem(w.lang, p))
		}
		return exitFailure
	}
	fmt.Fprintf(w.err, "leida: %v\n", err)
	return exitFailure
}

// usageError is a call that makes no sense: exit status 2.
type usageError struct{ error }

func language(flag string, getenv func(string) string) text.Lang {
	if l, ok := text.ParseLang(flag); ok {
		return l
	}
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := getenv(name); v != "" {
			return text.Match(localeTag(v))
		}
	}
	return text.ZH
}
