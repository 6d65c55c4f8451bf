package profile_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"leida/internal/profile"
)

// The 90 % interval holds the true score in about 90 % of simulated people, for the designs of MEASUREMENT 5.2 (there 0.914, 0.905, 0.893, 0.902).
func TestIntervalCoverage(t *testing.T) {
	const people = 8000 // standard error of the share 0.0034
	for _, design := range []struct {
		items int
		n     float64
	}{{2, 2}, {4, 2}, {8, 1.5}, {3, 4}} {
		t.Run(fmt.Sprintf("%dx%g", design.items, design.n), func(t *testing.T) {
			random := rand.New(rand.NewPCG(2026, uint64(design.items)))
			evidence := make([]profile.Evidence, design.items)
			held := 0
			for range people {
				truth := 30 + 60*random.Float64()
				for i := range evidence {
					y := truth + rules.PriorSD/math.Sqrt(design.n)*random.NormFloat64()
					evidence[i] = aged(300*random.Float64(), test("A", fmt.Sprint(i), min(max(y, 0), 100), design.n))
				}
				if e := profile.EstimateSub(rules, evidence, today); e.Lo <= truth && truth <= e.Hi {
					held++
				}
			}
			if share := float64(held) / people; share < 0.87 || share > 0.93 {
				t.Errorf("coverage %.3f", share)
			} else {
				t.Logf("coverage %.3f", share)
			}
		})
	}
}
