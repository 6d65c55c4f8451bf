package web

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"leida/internal/fault"
	"leida/internal/store"
	"leida/internal/text"
)

// factorPage sets up, shows or removes one's second factor.
type factorPage struct {
	frame
	Must     bool // the role must have one: nothing else is reachable before
	On       bool
	Since    time.Time
	Codes    int     // recovery codes left
	QR       *qrCode // of the seed being set up; nil before that has begun
	Secret   string  // the same to be typed, in groups
	Problems map[string]string
	Next     string
}

var _ = declare("factor", &factorPage{})

// codesPage shows new recovery codes, once.
type codesPage struct {
	frame
	Codes []string
	Next  string
}

var _ = declare("factor_codes", &codesPage{})

func (s *Server) factor(c *gin.Context) error { return s.factorAgain(c, http.StatusOK, nil) }

func (s *Server) factorAgain(c *gin.Context, status int, problems map[string]string) error {
	v := viewer(c)
	f, err := s.Store.Factor(c, v.Person.ID)
	if err != nil {
		return err
	}
	p := &factorPage{Must: v.Is(s.SecondFactor...), On: f.On(), Since: f.ConfirmedAt, Codes: f.Codes, Problems: problems, Next: nextOf(c)}
	p.Title = text.Say(lang(c), "factor.title")
	if len(f.Secret) > 0 && !f.On() {
		if s.stale(c, Route{Fresh: true}) { // who finds a session open is not shown the seed
			c.Redirect(http.StatusSeeOther, "/account/proof?next="+escapeNext("/account/factor?next="+escapeNext(p.Next)))
			return nil
		}
		key, err := keyOf(f.Secret, v.Person.Number)
		if err != nil {
			return err
		}
		drawn, err := drawQR(key.URL())
		if err != nil {
			return err
		}
		p.QR, p.Secret = &drawn, grouped(key.Secret())
	}
	return s.renderStatus(c, status, "factor", p)
}

// nextOf is where to go on afterwards, "/account" unless the request says.
func nextOf(c *gin.Context) string {
	for _, next := range []string{c.PostForm("next"), c.Query("next")} {
		if next != "" {
			return safeNext(next)
		}
	}
	return "/account"
}

func grouped(s string) string {
	var parts []string
	for ; len(s) > 4; s = s[4:] {
		parts = append(parts, s[:4])
	}
	return strings.Join(append(parts, s), " ")
}

// rect is a run of modules in a path.
func rect(x, y, w int) string { return fmt.Sprintf("M%d %dh%dv1h-%dz", x, y, w, w) }

// beginFactor makes a seed. It is worth nothing before a first code confirms it.
func (s *Server) beginFactor(c *gin.Context) error {
	seed := make([]byte, codeSeed)
	if _, err := io.ReadFull(s.Rand, seed); err != nil {
		return err
	}
	v := viewer(c)
	ctx := s.noting(c, store.AuditEntry{Action: "factor_begin", Object: "person", ObjectID: v.Person.ID})
	if err := s.Store.BeginFactor(ctx, v.Person.ID, seed); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, "/account/factor?next="+escapeNext(nextOf(c)))
	return nil
}

// confirmFactor puts the factor in force with its first code, and shows the recovery codes.
func (s *Server) confirmFactor(c *gin.Context) error {
	v, l := viewer(c), lang(c)
	f, err := s.Store.Factor(c, v.Person.ID)
	if err != nil {
		return err
	}
	if f.On() || len(f.Secret) == 0 {
		c.Redirect(http.StatusSeeOther, "/account/factor")
		return nil
	}
	if err := s.attempt(c, v.Person.ID); err != nil {
		return err
	}
	step, ok := stepOf(f.Secret, c.PostForm("code"), s.Now())
	if !ok {
		if err := s.failed(c, v.Person.ID, "code"); err != nil {
			return err
		}
		return s.factorAgain(c, http.StatusUnprocessableEntity, map[string]string{"code": text.Say(l, "factor.wrong")})
	}
	codes, hashes, err := newRecoveryCodes(s.Rand)
	if err != nil {
		return err
	}
	ctx := s.noting(c, store.AuditEntry{Action: "factor_on", Object: "person", ObjectID: v.Person.ID})
	err = s.renewToken(c, func(hash [32]byte) error {
		return s.Store.ConfirmFactor(ctx, v.Person.ID, v.Session, hash, f.Secret, step, hashes, s.Now())
	})
	switch {
	case fault.Is(err, fault.NotFound): // another seed took its place
		c.Redirect(http.StatusSeeOther, "/account/factor")
		return nil
	case err != nil:
		return err
	}
	if err := s.forgive(c, v.Person.ID); err != nil {
		return err
	}
	return s.showCodes(c, codes)
}

// renewCodes gives new recovery codes in place of those that were used or lost.
func (s *Server) renewCodes(c *gin.Context) error {
	codes, hashes, err := newRecoveryCodes(s.Rand)
	if err != nil {
		return err
	}
	v := viewer(c)
	ctx := s.noting(c, store.AuditEntry{Action: "recovery_codes", Object: "person", ObjectID: v.Person.ID})
	switch err := s.Store.ReplaceCodes(ctx, v.Person.ID, hashes); {
	case fault.Is(err, fault.NotFound): // there is no factor to recover
		c.Redirect(http.StatusSeeOther, "/account/factor")
		return nil
	case err != nil:
		return err
	}
	return s.showCodes(c, codes)
}

func (s *Server) showCodes(c *gin.Context, codes []string) error {
	asked(c).ahead = None // what was ahead is done
	p := &codesPage{Codes: codes, Next: nextOf(c)}
	p.Title = text.Say(lang(c), "codes.title")
	return s.render(c, "factor_codes", p)
}

// removeFactor takes one's second factor away, with the password, behind a proof that took a code.
func (s *Server) removeFactor(c *gin.Context) error {
	v, l := viewer(c), lang(c)
	switch wrong, err := s.refusePassword(c, "current"); {
	case err != nil:
		return err
	case wrong != "":
		return s.factorAgain(c, http.StatusUnprocessableEntity, map[string]string{"current": text.Say(l, wrong)})
	}
	ctx := s.noting(c, store.AuditEntry{Action: "factor_off", Object: "person", ObjectID: v.Person.ID})
	if err := s.Store.RemoveFactor(ctx, v.Person.ID, v.Session); err != nil {
		return err
	}
	s.notice(c, "notice.factor_off")
	c.Redirect(http.StatusSeeOther, "/account")
	return nil
}
