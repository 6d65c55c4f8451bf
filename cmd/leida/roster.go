package main

import (
	"fmt"
	"os"
	"strings"

	"leida/internal/org"
	"leida/internal/store"
	"leida/internal/text"
	"leida/internal/web"
)

type rosterCmd struct {
	Import rosterImportCmd `cmd:"" help:"Import a roster; without --apply it only says what would happen."`
}

type rosterImportCmd struct {
	databaseFlags
	definitionFlags
	File  string `arg:"" type:"existingfile" help:"CSV in UTF-8 or GBK with the columns number, name, team (and email, job_profile, active_from, active_to)."`
	Apply bool   `help:"Do it, unless a row is wrong."`
}

func (c *rosterImportCmd) Run(w *world) error {
	st, err := c.openMigrated(w)
	if err != nil {
		return err
	}
	defer st.Close()
	zone, err := c.zone()
	if err != nil {
		return err
	}
	raw, err := os.ReadFile(c.File)
	if err != nil {
		return err
	}
	model, err := c.model()
	if err != nil {
		return err
	}
	plan, err := web.PlanRoster(w.ctx, st, model, raw, w.now(), zone)
	if err != nil {
		return err
	}
	for _, p := range plan.Problems {
		fmt.Fprintf(w.out, "%s:%d: %s: %s\n", c.File, p.Line, p.Path, text.Problem(w.lang, p.Problem))
	}
	for _, x := range plan.Changes {
		if x.Kinds[0] != org.Same {
			fmt.Fprintf(w.out, "%s:%d: %s %s %s (%s)\n", c.File, x.Line, kinds(w.lang, x.Kinds), x.Person.Number, x.Person.Name, strings.Join(x.Team, " > "))
		}
	}
	for _, k := range []org.ChangeKind{org.Join, org.Rename, org.Move, org.Same} {
		fmt.Fprintln(w.out, text.Say(w.lang, "roster.count."+string(k), "n", plan.Count(k)))
	}
	if len(plan.Problems) > 0 {
		return errFindings
	}
	if !c.Apply {
		_, err := fmt.Fprintln(w.out, text.Say(w.lang, "roster.dry"))
		return err
	}
	ctx := store.Noting(w.ctx, store.AuditEntry{Action: "roster", Object: "centre"})
	return st.ApplyRoster(ctx, plan, w.now())
}

func kinds(l text.Lang, ks []org.ChangeKind) string {
	var out []string
	for _, k := range ks {
		out = append(out, text.Say(l, "roster.kind."+string(k)))
	}
	return strings.Join(out, "+")
}
