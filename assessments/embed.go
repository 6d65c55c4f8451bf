// Package assessments carries the definitions that come with leida: the capability model, the assessments and the item bank.
package assessments

import "embed"

// FS holds every definition.
//
//go:embed *.yaml items
var FS embed.FS
