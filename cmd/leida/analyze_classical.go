package main

import (
	"leida/internal/fault"
	"leida/internal/stats"
)

// fewAnswers is below which what is said of an item is provisional, and omega is not advised (PSYCHOMETRICS).
const fewAnswers = 100

type analyzeItemsCmd struct{ fileFlags }

func (c *analyzeItemsCmd) Run(w *world) error {
	return analyze(w, c.fileFlags, itemAnalysis, func(p *printer, _ data, r *stats.CTT) {
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

func itemAnalysis(d data) (*stats.CTT, error) { return stats.ItemAnalysis(d.Table) }

type analyzeReliabilityCmd struct{ fileFlags }

func (c *analyzeReliabilityCmd) Run(w *world) error {
	return analyze(w, c.fileFlags, itemAnalysis, func(p *printer, _ data, r *stats.CTT) {
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
	switch c.Method {
	case "icc":
		return analyze(w, c.fileFlags, func(d data) (*stats.ICCs, error) { return stats.IntraclassCorrelations(d.Table, 0.95) }, func(p *printer, _ data, r *stats.ICCs) {
			p.head("type", "icc", "lower", "upper", "f", "df1", "df2", "p")
			for _, x := range r.ICC {
				p.row(x.Type, x.Value, x.Lower, x.Upper, x.F, x.DF1, x.DF2, x.P)
			}
		})
	case "kappa":
		return analyze(w, c.fileFlags, ofTwo(c.Method, stats.KappasOfRatings), func(p *printer, _ data, r *stats.Kappas) {
			k := map[string]stats.Kappa{"unweighted": r.Unweighted, "linear": r.Linear, "quadratic": r.Quadratic}[c.Weights]
			p.line("rated", r.N)
			p.line("kappa", k.Kappa)
			p.line("se", k.SE)
			p.line("observed", k.Observed)
			p.line("expected", k.Expected)
		})
	case "ccc":
		return analyze(w, c.fileFlags, ofTwo(c.Method, stats.Agree), func(p *printer, _ data, r *stats.Agreement) {
			p.line("ccc", r.CCC)
			p.line("interval95", r.CI95)
			p.line("pearson", r.Pearson)
			p.line("bias", r.MeanBias)
			p.line("rmse", r.RMSE)
		})
	case "fleiss":
		return analyze(w, c.fileFlags, fleiss, func(p *printer, _ data, r *stats.Fleiss) {
			p.line("kappa", r.Kappa)
			p.line("se_null", r.SE)
			p.line("observed", r.Observed)
			p.line("expected", r.Expected)
		})
	}
	return analyze(w, c.fileFlags, func(d data) (*stats.Krippendorff, error) { return stats.KrippendorffAlpha(d.Table) }, func(p *printer, _ data, r *stats.Krippendorff) {
		p.line("krippendorff", map[string]*float64{"nominal": r.Nominal, "ordinal": r.Ordinal, "interval": r.Interval, "ratio": r.Ratio}[c.Level])
	})
}

// ofTwo reckons with what two raters gave.
func ofTwo[R any](method string, reckon func(x, y []float64) (R, error)) func(data) (R, error) {
	return func(d data) (r R, err error) {
		if len(d.Names) != 2 {
			return r, fault.New(fault.Invalid, "analyze.two_raters", "method", method, "n", len(d.Names))
		}
		return reckon(d.Column(0), d.Column(1))
	}
}

func fleiss(d data) (*stats.Fleiss, error) {
	_, counts, err := stats.RatingCounts(d.Table)
	if err != nil {
		return nil, err
	}
	return stats.FleissKappa(counts)
}

type analyzeDIFCmd struct {
	fileFlags
	Group string `required:"" help:"Column that says who is of which group."`
	Focal string `help:"Its value for the focal group; the other is the reference (default: the one that comes later, sorted)."`
}

func (c *analyzeDIFCmd) Run(w *world) error {
	reckon := func(d data) (*stats.DIF, error) {
		focal, err := focalOf(d.texts[c.Group], c.Focal)
		if err != nil {
			return nil, err
		}
		return stats.MantelHaenszel(d.Table, focal)
	}
	return analyze(w, c.fileFlags, reckon, func(p *printer, d data, r *stats.DIF) {
		p.head("item", "alpha_mh", "chi", "p", "delta", "se", "ets")
		for j, x := range r.Items {
			ets := any(nil)
			if x.ETS != nil {
				ets = *x.ETS
			}
			p.row(d.Names[j], x.Alpha, x.ChiSq, x.P, x.Delta, x.DeltaSE, ets)
		}
		p.note("analyze.groups", "reference", r.Reference, "focal", r.Focal)
	}, c.Group)
}

type analyzeAngoffCmd struct{ fileFlags }

func (c *analyzeAngoffCmd) Run(w *world) error {
	return analyze(w, c.fileFlags, func(d data) (*stats.AngoffCut, error) { return stats.Angoff(d.Table, nil) }, func(p *printer, d data, r *stats.AngoffCut) {
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
	reckon := func(d data) (*stats.Reliance, error) {
		var cases []stats.AdvisedCase
		for i := range d.Rows {
			cases = append(cases, stats.AdvisedCase{Truth: d.texts["truth"][i], Initial: d.texts["initial"][i], Advice: d.texts["advice"][i], Final: d.texts["final"][i]})
		}
		return stats.NewReliance(cases), nil
	}
	return analyze(w, c.fileFlags, reckon, func(p *printer, _ data, r *stats.Reliance) {
		p.line("cases", r.N)
		p.line("acc_initial", r.AccuracyInitial)
		p.line("acc_advice", r.AccuracyAdvice)
		p.line("acc_final", r.AccuracyFinal)
		p.line("rair", r.RAIR, r.RAIRCI, r.WrongAdvisedRight)
		p.line("rsr", r.RSR, r.RSRCI, r.RightAdvisedWrong)
		p.line("over", r.Overreliance)
		p.line("under", r.Underreliance)
	}, "truth", "initial", "advice", "final")
}
