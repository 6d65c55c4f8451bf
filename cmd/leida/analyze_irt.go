package main

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"

	"leida/internal/exchange/csv"
	"leida/internal/exchange/irt"
	"leida/internal/fault"
	"leida/internal/stats"
	"leida/internal/text"
)

type analyzeIRTCmd struct {
	fileFlags
	Model     string  `required:"" enum:"rasch,2pl,grm,gpcm" help:"rasch, 2pl, grm (graded response) or gpcm (generalized partial credit)."`
	Persons   string  `placeholder:"OUT.csv" help:"Write the persons' abilities (EAP) there."`
	Bank      string  `placeholder:"OUT.yaml" help:"Write the calibrated items there, for analyze score and analyze cat."`
	Tolerance float64 `default:"1e-4" help:"Largest change of a parameter at which the iterations end, in logits."`
	Nodes     int     `default:"61" help:"Of the quadrature, from -6 to 6."`
	Most      int     `default:"500" help:"Most iterations."`
	Priors    bool    `help:"Normal priors on log a (.1, .3) and d (0, 1.5): advised below 500 answers an item."`
}

func (c *analyzeIRTCmd) Run(w *world) error {
	d, err := c.read()
	if err != nil {
		return err
	}
	a, err := d.Answers()
	if err != nil {
		return d.told(err)
	}
	least := fewest(d.Table)
	d.Rows = nil // a large file's are most of the memory, and the answers are all that is needed now
	o := stats.CalibrateOptions{Model: stats.Model(c.Model), Nodes: c.Nodes, Tolerance: c.Tolerance, MostIterations: c.Most, Cancelled: w.ctx.Err}
	if c.Priors {
		o.Priors = &stats.UsualPriors
	}
	if terminal(w.err) {
		o.Progress = func(n int, logLik float64) {
			fmt.Fprintf(w.err, "\r%s", text.Say(w.lang, "analyze.iteration", "n", n, "loglik", strconv.FormatFloat(logLik, 'f', 4, 64)))
		}
		defer fmt.Fprintln(w.err)
	}
	r, err := stats.Calibrate(a, o)
	if err != nil {
		return d.told(err)
	}
	if c.Bank != "" {
		if err := writeBank(c.Bank, r.Bank); err != nil {
			return err
		}
	}
	if c.Persons != "" {
		s, err := r.Bank.Scores(a)
		if err != nil {
			return d.told(err)
		}
		if err := writePersons(c.Persons, d, s); err != nil {
			return err
		}
	}
	return c.show(w, r, func(p *printer) {
		p.head("item", "a", "se", "b", "se")
		for j, it := range r.Bank.Items {
			for k, b := range it.B {
				name, slope, slopeSE, se := it.Name, any(it.A), any(nil), any(nil)
				if r.SE != nil {
					se, slopeSE = r.SE[j].B[k], r.SE[j].A
				}
				if k > 0 {
					name, slope, slopeSE = "", "", ""
				}
				p.row(name, slope, slopeSE, b, se)
			}
		}
		p.note("analyze.fit", "loglik", strconv.FormatFloat(r.LogLik, 'f', 3, 64), "iterations", r.Iterations, "persons", r.Persons, "rxx", strconv.FormatFloat(r.EmpiricalRxx, 'f', 3, 64))
		if c.Model != "rasch" && !c.Priors && least < stats.AdvisePriors {
			p.note("analyze.few_for_slopes", "n", stats.AdvisePriors)
		}
	})
}

// fewest is the least number of answers that an item has.
func fewest(t stats.Table) int {
	least := len(t.Rows)
	for j := range t.Names {
		n := 0
		for _, x := range t.Column(j) {
			if !stats.IsMissing(x) {
				n++
			}
		}
		least = min(least, n)
	}
	return least
}

func writeBank(name string, b stats.Bank) error {
	raw, err := irt.Write(b)
	if err != nil {
		return err
	}
	return os.WriteFile(name, raw, 0o644)
}

func writePersons(name string, d data, s *stats.Scores) error {
	var rows [][]float64
	for i := range s.EAP {
		rows = append(rows, []float64{float64(d.lines[i]), s.EAP[i], s.EAPSE[i]})
	}
	raw, err := csv.WriteNumbers([]string{"line", "EAP", "EAP_SE"}, rows)
	if err != nil {
		return err
	}
	return os.WriteFile(name, raw, 0o644)
}

// readBank reads the bank and the answers in its categories.
func readBank(name string, d data) (stats.Bank, *stats.Answers, error) {
	raw, err := os.ReadFile(name)
	if err != nil {
		return stats.Bank{}, nil, err
	}
	b, err := irt.Read(raw)
	if err != nil {
		return b, nil, err
	}
	a, err := b.Answers(d.Table)
	return b, a, d.told(err)
}

type analyzeScoreCmd struct {
	fileFlags
	Bank   string `required:"" type:"existingfile" help:"Calibrated items, as analyze irt --bank writes them."`
	Method string `enum:"eap,map,wle" default:"eap" help:"eap, map or wle; the last runs far out on extreme answers and is not for showing to people."`
}

func (c *analyzeScoreCmd) Run(w *world) error {
	d, err := c.read()
	if err != nil {
		return err
	}
	b, a, err := readBank(c.Bank, d)
	if err != nil {
		return err
	}
	s, err := b.Scores(a)
	if err != nil {
		return d.told(err)
	}
	return c.show(w, s, func(p *printer) {
		p.head("line", "theta", "se")
		for i := range s.EAP {
			switch c.Method {
			case "map":
				p.row(d.lines[i], s.MAP[i], s.MAPSE[i])
			case "wle":
				p.row(d.lines[i], s.WLE[i], s.WLESE[i])
			default:
				p.row(d.lines[i], s.EAP[i], s.EAPSE[i])
			}
		}
	})
}

type analyzeCATCmd struct {
	Bank    string             `required:"" type:"existingfile" help:"Calibrated items, as analyze irt --bank writes them."`
	Answers string             `required:"" type:"existingfile" help:"CSV: whole answers of persons to the items of the bank."`
	Skip    []string           `sep:"," placeholder:"COLUMN" help:"Columns that are no numbers, such as names, to leave out."`
	SE      float64            `name:"se" default:"0.40" help:"Stop where the standard error is this or less, in logits."`
	Most    int                `default:"20" help:"Stop after as many items."`
	Targets map[string]float64 `placeholder:"GROUP=SHARE" help:"Shares of the bank's groups that a test is to have."`
	jsonFlag
}

func (c *analyzeCATCmd) Run(w *world) error {
	d, err := fileFlags{File: c.Answers, Skip: c.Skip}.read()
	if err != nil {
		return err
	}
	b, a, err := readBank(c.Bank, d)
	if err != nil {
		return err
	}
	var all []stats.AdaptiveResult
	for i := range a.Persons() {
		r, err := c.replay(b, a.Of(i), d.lines[i])
		if err != nil {
			return d.told(err)
		}
		all = append(all, r)
	}
	return c.show(w, all, func(p *printer) {
		for i, r := range all {
			p.note("analyze.sitting", "line", d.lines[i], "n", r.N, "theta", cell(r.ThetaFinal), "se", cell(r.SEFinal), "why", p.say("analyze.stopped."+r.StoppedBy))
			p.head("place", "item", "answer", "theta", "se")
			for k, j := range r.Administered {
				p.row(k+1, name(b, j), r.Responses[k], r.Theta[k], r.SE[k])
			}
		}
	})
}

func name(b stats.Bank, item int) string {
	if n := b.Items[item-1].Name; n != "" {
		return n
	}
	return strconv.Itoa(item)
}

// replay gives a person's answers to the items as an adaptive test asks for them.
func (c *analyzeCATCmd) replay(b stats.Bank, answers []int8, line int) (stats.AdaptiveResult, error) {
	o := stats.AdaptiveOptions{SE: c.SE, Max: c.Most, Randomesque: 1}
	for _, group := range slices.Sorted(maps.Keys(c.Targets)) { // ties fall the same way each time
		if !slices.ContainsFunc(b.Items, func(it stats.Item) bool { return it.Group == group }) {
			return stats.AdaptiveResult{}, fault.New(fault.Invalid, "analyze.no_target", "group", group)
		}
		o.Targets = append(o.Targets, stats.Target{Group: group, Share: c.Targets[group]})
	}
	t, err := stats.NewAdaptiveTest(b, o)
	if err != nil {
		return stats.AdaptiveResult{}, err
	}
	for {
		item, ok := t.Next(nil)
		if !ok {
			return t.Result(), nil
		}
		if answers[item-1] < 0 {
			return stats.AdaptiveResult{}, fault.New(fault.Invalid, "analyze.no_answer", "line", line, "column", name(b, item))
		}
		if err := t.Answer(item, int(answers[item-1])); err != nil {
			return stats.AdaptiveResult{}, err
		}
	}
}

// focalOf says by row who is of the focal group.
func focalOf(groups []string, focal string) ([]bool, error) {
	first, second := "", ""
	for i, g := range groups {
		switch {
		case g == "":
			return nil, fault.New(fault.Invalid, "analyze.no_group", "row", i+1)
		case first == "" || g == first:
			first = g
		case second == "" || g == second:
			second = g
		default:
			return nil, fault.New(fault.Invalid, "analyze.groups_many", "known", []string{first, second, g})
		}
	}
	if second == "" {
		return nil, fault.New(fault.Invalid, "analyze.groups_one", "group", first)
	}
	switch focal {
	case "":
		focal = max(first, second)
	case first, second:
	default:
		return nil, fault.New(fault.Invalid, "analyze.no_such_group", "group", focal, "known", []string{first, second})
	}
	out := make([]bool, len(groups))
	for i, g := range groups {
		out[i] = g == focal
	}
	return out, nil
}
