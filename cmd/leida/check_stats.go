package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"leida/internal/assessment"
	"leida/internal/exam"
	"leida/internal/profile"
	"leida/internal/text"
)

// coverage prints what a bank holds, what its blind candidates score, what a certification form would lack, and what its assessments are expected to show.
func coverage(w *world, lib *assessment.Library) error {
	if lib == nil {
		return nil
	}
	t := tabwriter.NewWriter(w.out, 0, 0, 2, ' ', 0)
	say := func(key string, args ...any) string { return text.Say(w.lang, key, args...) }
	for _, c := range lib.Coverages() {
		fmt.Fprintf(t, "\n%s\t%s\t%s\n", say("check.stats."+c.By), strings.Join(c.Names, "\t"), say("check.stats.all"))
		for _, s := range lib.Model.Subs() {
			all := 0
			fmt.Fprintf(t, "%s", s.ID)
			for _, name := range c.Names {
				fmt.Fprintf(t, "\t%d", c.Count[s.ID][name])
				all += c.Count[s.ID][name]
			}
			fmt.Fprintf(t, "\t%d\n", all)
		}
	}
	if bounds := lib.BlindBounds(); len(bounds) > 0 {
		fmt.Fprintf(t, "\n%s\n", say("check.stats.blind"))
		for _, b := range bounds {
			fmt.Fprintf(t, "%s\t%s\t%.2f\t%s\n", b.Item.ID, say("blind."+b.Item.Type+"."+b.Name), b.Score, say("check.stats.most", "most", b.Most))
		}
	}
	fmt.Fprintf(t, "\n%s\n", say("check.stats.cert"))
	lacks := lib.CertificationLacks()
	for _, l := range lacks {
		fmt.Fprintf(t, "%s\t%s\t%s\n", l.Domain, say("kind."+l.Kind), say("check.stats.lack", "need", l.Need, "stock", l.Stock))
	}
	if len(lacks) == 0 {
		fmt.Fprintln(t, say("check.stats.cert.none"))
	}
	return t.Flush()
}

// precision prints what each assessment and a whole cycle are expected to show, and how long they take.
func precision(w *world, lib *assessment.Library) error {
	t := tabwriter.NewWriter(w.out, 0, 0, 2, ' ', 0)
	say := func(key string, args ...any) string { return text.Say(w.lang, key, args...) }
	fmt.Fprintf(t, "\n%s\n", say("check.stats.precision"))
	for _, a := range lib.Assessments {
		foretell(w, t, lib, a.ID+" "+say("check.stats.minutes", "n", lib.Minutes(a)), a)
	}
	var cycle []*assessment.Assessment
	for _, a := range lib.Assessments {
		if a.Kind == "cycle" {
			cycle = append(cycle, a)
		}
	}
	foretell(w, t, lib, say("check.stats.cycle"), cycle...)
	return t.Flush()
}

// foretell prints a line for each capability that the assessments measure, sat once each.
func foretell(w *world, t *tabwriter.Writer, lib *assessment.Library, name string, forms ...*assessment.Assessment) {
	for _, f := range exam.Forecasts(lib, profile.DefaultRules(), forms...) {
		interval := text.Say(w.lang, "check.stats.no_score")
		if f.HalfWidth > 0 {
			interval = fmt.Sprintf("± %.1f", f.HalfWidth)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", name, f.Capability, text.Say(w.lang, "check.stats.minutes", "n", f.Minutes),
			text.Say(w.lang, "check.stats.units", "n", fmt.Sprintf("%.1f", f.Units), "doing", fmt.Sprintf("%.0f%%", 100*f.Doing)), interval,
			text.Say(w.lang, "check.stats.covered", "share", fmt.Sprintf("%.0f%%", 100*f.Coverage)))
	}
}
