package web

import (
	"github.com/gin-gonic/gin"

	"leida/internal/capability"
	"leida/internal/org"
	"leida/internal/profile"
	"leida/internal/text"
)

// helpPage says how the numbers come about, from the model and the rules in force.
type helpPage struct {
	frame
	Model *capability.Model
	Rules profile.Rules

	MinPassword, OneTimeHours, Codes, IdleHours, Days, ProofMinutes int
}

var _ = declare("help", &helpPage{})

func (s *Server) help(c *gin.Context) error {
	p := &helpPage{Model: s.Definitions.Current().Model, Rules: s.rules,
		MinPassword: org.MinPassword, OneTimeHours: int(OneTimeLasts.Hours()), Codes: recoveryCodes,
		IdleHours: int(sessionIdle.Hours()), Days: int(sessionAbsolute.Hours() / 24), ProofMinutes: int(proofLasts.Minutes())}
	p.Title = text.Say(lang(c), "help.title")
	return s.render(c, "help", p)
}

var _ = declare("error", &errorPage{})
