// Package assessments carries the definitions that come with leida: the capability model, the assessments, the item bank and the case library.
package assessments

import "embed"

// FS holds every definition.
//
//go:embed *.yaml items cases
var FS embed.FS
