package item

import (
	"math"
	"strconv"

	"leida/internal/casebook"
)

// PCIShown is a case's problem complexity index as it is shown wherever a case appears: a badge, and the five factors behind it.
type PCIShown struct {
	Index   string // 0..100, whole
	Level   int    // 1..5
	Factors []FactorShown
}

// FactorShown is one factor of 0..4; Name is the end of message keys, pci.*.
type FactorShown struct {
	Name  string
	Value int
	Most  int
}

func showPCI(p casebook.PCI) PCIShown {
	out := PCIShown{Index: strconv.Itoa(int(math.Round(p.Index()))), Level: p.Level()}
	for _, f := range p.Factors() {
		out.Factors = append(out.Factors, FactorShown{f.Name, f.Value, casebook.MaxFactor})
	}
	return out
}
