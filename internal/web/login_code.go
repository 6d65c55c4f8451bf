package web

import (
	"cmp"
	"context"
	"net/http"

	"github.com/gin-gonic/gin"

	"leida/internal/fault"
	"leida/internal/store"
	"leida/internal/text"
)

// codePage asks for the code of the second factor.
type codePage struct {
	frame
	Next    string
	Problem string
}

var _ = declare("login_code", &codePage{})

func (s *Server) codeForm(c *gin.Context) error {
	if aheadOf(c) != Code {
		c.Redirect(http.StatusSeeOther, safeNext(c.Query("next")))
		return nil
	}
	return s.codeAgain(c, http.StatusOK, safeNext(c.Query("next")), "")
}

func (s *Server) codeAgain(c *gin.Context, status int, next, problem string) error {
	p := &codePage{Next: next}
	p.Title = text.Say(lang(c), "code.title")
	if problem != "" {
		p.Problem = text.Say(lang(c), problem)
	}
	return s.renderStatus(c, status, "login_code", p)
}

// loginCode makes a half session whole.
func (s *Server) loginCode(c *gin.Context) error {
	if aheadOf(c) != Code {
		onward(c)
		return nil
	}
	v, next := viewer(c), safeNext(c.PostForm("next"))
	switch err := s.attempt(c, v.Person.ID); {
	case fault.Is(err, fault.Throttled):
		return s.codeAgain(c, http.StatusTooManyRequests, next, "login.throttled")
	case err != nil:
		return err
	}
	shown, by, err := s.readCode(c, v.Person.ID, cmp.Or(c.PostForm("code"), c.PostForm("recovery")))
	if err == nil {
		err = s.prove(c, shown, store.AuditEntry{Action: "login", Detail: detail("by", by)})
	}
	switch {
	case fault.Is(err, fault.NotFound):
		if err := s.failed(c, v.Person.ID, "code"); err != nil {
			return err
		}
		return s.codeAgain(c, http.StatusUnauthorized, next, "code.wrong")
	case err != nil:
		return err
	}
	note(c, eventLogin)
	if err := s.forgive(c, v.Person.ID); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, next)
	return nil
}

// prove notes in the session at hand that its person proved who they are, under a new token. What was shown is used up; not found is a code that was used before.
func (s *Server) prove(c *gin.Context, shown store.Shown, e store.AuditEntry) error {
	v := viewer(c)
	e.Object, e.ObjectID = "person", v.Person.ID
	ctx := s.noting(c, e)
	return s.renewToken(c, func(hash [32]byte) error {
		return s.Store.ProveSession(ctx, v.Person.ID, v.Session, hash, shown, s.Now())
	})
}

// readCode is what a typed code shows: the step of a generator's code, or a recovery code. Not found is one that is neither.
func (s *Server) readCode(ctx context.Context, person, typed string) (store.Shown, string, error) {
	if !looksGenerated(typed) {
		return store.Shown{Recovery: recoveryHash(typed)}, "recovery code", nil
	}
	f, err := s.Store.Factor(ctx, person)
	if err != nil {
		return store.Shown{}, "", err
	}
	step, ok := stepOf(f.Secret, typed, s.Now())
	if !f.On() || !ok {
		return store.Shown{}, "", fault.New(fault.NotFound, "code.wrong")
	}
	return store.Shown{Step: step}, "code", nil
}
