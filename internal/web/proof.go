package web

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"leida/internal/fault"
	"leida/internal/store"
	"leida/internal/text"
)

// proofPage asks once more who one is, before something delicate.
type proofPage struct {
	frame
	Factor   bool // asks for a code as well
	Next     string
	Problems map[string]string
}

var _ = declare("proof", &proofPage{})

func (s *Server) proofForm(c *gin.Context) error {
	return s.proofAgain(c, http.StatusOK, safeNext(c.Query("next")), nil)
}

func (s *Server) proofAgain(c *gin.Context, status int, next string, problems map[string]string) error {
	p := &proofPage{Factor: session(c).Factor, Next: next, Problems: problems}
	p.Title = text.Say(lang(c), "proof.title")
	return s.renderStatus(c, status, "proof", p)
}

// proveAgain takes the password, and the code of who has a second factor.
func (s *Server) proveAgain(c *gin.Context) error {
	v, l, next := viewer(c), lang(c), safeNext(c.PostForm("next"))
	again := func(status int, field, key string) error {
		return s.proofAgain(c, status, next, map[string]string{field: text.Say(l, key)})
	}
	switch wrong, err := s.refusePassword(c, "current"); {
	case err != nil:
		return err
	case wrong != "":
		return again(http.StatusUnprocessableEntity, "current", wrong)
	}
	shown, by := store.Shown{}, "password"
	var err error
	if session(c).Factor {
		shown, by, err = s.readCode(c, v.Person.ID, c.PostForm("code"))
	}
	if err == nil {
		err = s.prove(c, shown, store.AuditEntry{Action: "proof", Detail: detail("by", by)})
	}
	switch {
	case fault.Is(err, fault.NotFound):
		if err := s.failed(c, v.Person.ID, "code"); err != nil {
			return err
		}
		return again(http.StatusUnprocessableEntity, "code", "code.wrong")
	case err != nil:
		return err
	}
	note(c, eventProof)
	if err := s.forgive(c, v.Person.ID); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, next)
	return nil
}

// refusePassword says what is wrong with the password in a field of a form by somebody who is signed in, as a message key; "" where it is right. Tries are counted with those of signing in.
func (s *Server) refusePassword(c *gin.Context, field string) (key string, err error) {
	v := viewer(c)
	if err := s.attempt(c, v.Person.ID); err != nil {
		return "", err
	}
	stored, err := s.Store.PasswordHash(c, v.Person.ID)
	if err != nil {
		return "", err
	}
	if !s.passwords.check(stored, c.PostForm(field)) {
		return "account.wrong", s.failed(c, v.Person.ID, "password")
	}
	return "", nil
}
