package main

import (
	"leida/internal/fault"
	"leida/internal/stats"
)

// fewAnswers is below which what is said of an item is provisional, and omega is not advised (PSYCHOMETRICS).
const fewAnswers = 100

type analyzeItemsCmd struct{ fileFlags }

func (c *analyzeItemsCmd) Run(w *world) error {
	d, err := c.read()
	if err != nil {
		return err
	}
	r, err := stats.ItemAnalysis(d.Table)
	if err != nil {
		return d.told(err)
	}
	return c.show(w, r, func(p *printer) {
		p.head("item", "n", "mean", "sd", "rest", "dropped")
		few := false
		for j, name := range r.Items {
			p.row(name, r.ItemN[j], r.ItemMean[j], r.ItemSD[j], r.ItemRest[j], r.AlphaIfDropped[j])
			few = few || r.ItemN[j] < fewAnswers
		}
		if few {
			p.note("analyze.provisional", "n", fewAnswers)
		}
	})
}

type analyzeReliabilityCmd struct{ fileFlags }

func (c *analyzeReliabilityCmd) Run(w *world) error {
	d, err := c.read()
	if err != nil {
		return err
	}
	r, err := stats.ItemAnalysis(d.Table)
	if err != nil {
		return d.told(err)
	}
	return c.show(w, r, func(p *printer) {
		p.line("persons", r.N)
		p.line("items", r.K)
		p.line("alpha", r.Alpha)
		p.line("alpha90", r.AlphaFeldt90)
		p.line("alpha95", r.AlphaFeldt95)
		p.line("alpha_std", r.AlphaStd)
		if r.Omega != nil && r.N >= fewAnswers {
			p.line("omega", r.Omega.Total)
		}
		p.line("lambda6", r.Lambda6)
		p.line("total_mean", r.TotalMean)
		p.line("total_sd", r.TotalSD)
		p.line("sem", r.SEM)
		p.line("double", r.SpearmanBrown)
		if r.N < fewAnswers {
			p.note("analyze.no_omega", "n", fewAnswers)
		}
	})
}

type analyzeAgreementCmd struct {
	fileFlags
	Method  string `required:"" enum:"icc,kappa,fleiss,krippendorff,ccc" help:"icc: six intraclass correlations; kappa and ccc: two raters; fleiss: categories, any raters; krippendorff: any raters, with gaps."`
	Weights string `enum:"unweighted,linear,quadratic" default:"quadratic" help:"Of kappa: unweighted, linear or quadratic."`
	Level   string `enum:"nominal,ordinal,interval,ratio" default:"ordinal" help:"Of Krippendorff's alpha: nominal, ordinal, interval or ratio."`
}

func (c *analyzeAgreementCmd) Run(w *world) error {
	d, err := c.read()
	if err != nil {
		return err
	}
	if two := c.Method == "kappa" || c.Method == "ccc"; two && len(d.Names) != 2 {
		return fault.New(fault.Invalid, "analyze.two_raters", "method", c.Method, "n", len(d.Names))
	}
	switch c.Method {
	case "icc":
		r, err := stats.IntraclassCorrelations(d.Table, 0.95)
		if err != nil {
			return d.told(err)
		}
		return c.show(w, r, func(p *printer) {
			p.head("type", "icc", "lower", "upper", "f", "df1", "df2", "p")
			for _, x := range r.ICC {
				p.row(x.Type, x.Value, x.Lower, x.Upper, x.F, x.DF1, x.DF2, x.P)
			}
		})
	case "kappa":
		r, err := stats.KappasOfRatings(d.Column(0), d.Column(1))
		if err != nil {
			return d.told(err)
		}
		k := map[string]stats.Kappa{"unweighted": r.Unweighted, "linear": r.Linear, "quadratic": r.Quadratic}[c.Weights]
		return c.show(w, r, func(p *printer) {
			p.line("kappa", k.Kappa)
			p.line("se", k.SE)
			p.line("observed", k.Observed)
			p.line("expected", k.Expected)
		})
	case "fleiss":
		_, counts, err := stats.RatingCounts(d.Table)
		if err != nil {
			return d.told(err)
		}
		r, err := stats.FleissKappa(counts)
		if err != nil {
			return d.told(err)
		}
		return c.show(w, r, func(p *printer) {
			p.line("kappa", r.Kappa)
			p.line("se_null", r.SE)
			p.line("observed", r.Observed)
			p.line("expected", r.Expected)
		})
	case "ccc":
		r, err := stats.Agree(d.Column(0), d.Column(1))
		if err != nil {
			return d.told(err)
		}
		return c.show(w, r, func(p *printer) {
			p.line("ccc", r.CCC)
			p.line("interval95", r.CI95)
			p.line("pearson", r.Pearson)
			p.line("bias", r.MeanBias)
			p.line("rmse", r.RMSE)
		})
	}
	r, err := stats.KrippendorffAlpha(d.Table)
	if err != nil {
		return d.told(err)
	}
	return c.show(w, r, func(p *printer) {
		p.line("krippendorff", map[string]*float64{"nominal": r.Nominal, "ordinal": r.Ordinal, "interval": r.Interval, "ratio": r.Ratio}[c.Level])
	})
}

type analyzeDIFCmd struct {
	fileFlags
	Group string `required:"" help:"Column that says who is of which group."`
	Focal string `help:"Its value for the focal group; the other is the reference (default: the one that comes later, sorted)."`
}

func (c *analyzeDIFCmd) Run(w *world) error {
	d, err := c.read(c.Group)
	if err != nil {
		return err
	}
	focal, err := focalOf(d.texts[c.Group], c.Focal)
	if err != nil {
		return err
	}
	r, err := stats.MantelHaenszel(d.Table, focal)
	if err != nil {
		return d.told(err)
	}
	return c.show(w, r, func(p *printer) {
		p.head("item", "alpha_mh", "chi", "p", "delta", "se", "ets")
		for j, x := range r.Items {
			ets := any("–")
			if x.ETS != nil {
				ets = *x.ETS
			}
			p.row(d.Names[j], x.Alpha, x.ChiSq, x.P, x.Delta, x.DeltaSE, ets)
		}
		p.note("analyze.groups", "reference", r.Reference, "focal", r.Focal)
	})
}

type analyzeAngoffCmd struct{ fileFlags }

func (c *analyzeAngoffCmd) Run(w *world) error {
	d, err := c.read()
	if err != nil {
		return err
	}
	r, err := stats.Angoff(d.Table, nil)
	if err != nil {
		return d.told(err)
	}
	return c.show(w, r, func(p *printer) {
		p.line("judges", len(r.Totals))
		p.line("items", len(d.Names))
		p.line("cut", r.Cut)
		p.line("cut_percent", r.Percent)
		p.line("sd", r.SD)
		p.line("se", r.SE)
	})
}

type analyzeRelianceCmd struct{ fileFlags }

func (c *analyzeRelianceCmd) Run(w *world) error {
	columns := []string{"truth", "initial", "advice", "final"}
	d, err := c.read(columns...)
	if err != nil {
		return err
	}
	var cases []stats.AdvisedCase
	for i := range d.Rows {
		cases = append(cases, stats.AdvisedCase{Truth: d.texts["truth"][i], Initial: d.texts["initial"][i], Advice: d.texts["advice"][i], Final: d.texts["final"][i]})
	}
	r := stats.NewReliance(cases)
	return c.show(w, r, func(p *printer) {
		p.line("cases", r.N)
		p.line("acc_initial", r.AccuracyInitial)
		p.line("acc_advice", r.AccuracyAdvice)
		p.line("acc_final", r.AccuracyFinal)
		p.line("rair", r.RAIR, r.RAIRCI, r.WrongAdvisedRight)
		p.line("rsr", r.RSR, r.RSRCI, r.RightAdvisedWrong)
		p.line("over", r.Overreliance)
		p.line("under", r.Underreliance)
	})
}
