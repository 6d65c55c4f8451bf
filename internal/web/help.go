package web

import (
	"github.com/gin-gonic/gin"

	"leida/internal/capability"
	"leida/internal/profile"
	"leida/internal/text"
)

// helpPage says how the numbers come about, from the model and the rules in force.
type helpPage struct {
	frame
	Model   *capability.Model
	Rules   profile.Rules
	MinWeek int
}

var _ = declare("help", &helpPage{})

func (s *Server) help(c *gin.Context) error {
	p := &helpPage{Model: s.Definitions.Current().Model, Rules: s.rules}
	p.Title = text.Say(lang(c), "help.title")
	return s.render(c, "help", p)
}

var _ = declare("error", &errorPage{})
