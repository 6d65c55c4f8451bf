package exam

// Domain is what one section of a result came to.
type Domain struct {
	Section int     // from 0
	Score   float64 // 0-100; 0 while pending
	Pending bool    // people have yet to rate all of it
}

// Domains are the sections that have places, in order.
func (r *Result) Domains() []Domain {
	var out []Domain
	for i, x := range parts(r.Places) {
		switch {
		case x.units > 0:
			out = append(out, Domain{Section: i, Score: 100 * x.sum / x.units})
		case x.weight > 0:
			out = append(out, Domain{Section: i, Pending: true})
		}
	}
	return out
}
