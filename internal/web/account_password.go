package web

import (
	"context"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"leida/internal/org"
	"leida/internal/store"
	"leida/internal/text"
)

// passwordPage is where one chooses one's own password, in place of a one-time one.
type passwordPage struct {
	frame
	Must     bool
	Next     string
	Problems map[string]string
}

var _ = declare("account_password", &passwordPage{})

func (s *Server) passwordForm(c *gin.Context) error {
	return s.passwordAgain(c, http.StatusOK, nil)
}

func (s *Server) passwordAgain(c *gin.Context, status int, problems map[string]string) error {
	p := &passwordPage{Must: aheadOf(c) == Password, Next: nextOf(c), Problems: problems}
	p.Title = text.Say(lang(c), "account.password")
	return s.renderStatus(c, status, "account_password", p)
}

// changePassword takes the current password and a new one. All other sessions end, and this one goes on under a new token.
func (s *Server) changePassword(c *gin.Context) error {
	v, l := viewer(c), lang(c)
	problems := map[string]string{}
	switch wrong, err := s.refusePassword(c, "current"); {
	case err != nil:
		return err
	case wrong != "":
		problems["current"] = text.Say(l, wrong)
	}
	fresh := c.PostForm("password")
	weak, err := s.weakPassword(c, v.Person, fresh)
	switch {
	case err != nil:
		return err
	case weak != "":
		problems["password"] = weak
	case problems["current"] == "" && fresh == c.PostForm("current"):
		problems["password"] = text.Say(l, "account.same")
	}
	if fresh != c.PostForm("repeat") {
		problems["repeat"] = text.Say(l, "account.repeat")
	}
	if len(problems) > 0 {
		return s.passwordAgain(c, http.StatusUnprocessableEntity, problems)
	}
	hash, err := s.passwords.hash(fresh)
	if err != nil {
		return err
	}
	ctx := s.noting(c, store.AuditEntry{Action: "password", Object: "person", ObjectID: v.Person.ID})
	err = s.renewToken(c, func(token [32]byte) error {
		return s.Store.ChangePassword(ctx, v.Person.ID, hash, v.Session, token, s.Now())
	})
	if err != nil {
		return err
	}
	if err := s.forgive(c, v.Person.ID); err != nil {
		return err
	}
	s.notice(c, "notice.password")
	c.Redirect(http.StatusSeeOther, nextOf(c))
	return nil
}

// weakPassword says what is wrong with a new password of a person, in words for people; "" where nothing is.
func (s *Server) weakPassword(c *gin.Context, p org.Person, fresh string) (string, error) {
	words, err := PasswordWords(c, s.Store, p)
	if err != nil {
		return "", err
	}
	for _, x := range org.CheckPassword(fresh, words...) {
		return text.Problem(lang(c), x), nil
	}
	known, err := s.Breached.Has(fresh)
	if err != nil || !known {
		return "", err
	}
	return text.Say(lang(c), "account.breached"), nil
}

// PasswordWords are what somebody who knows a person and the centre would try first.
func PasswordWords(ctx context.Context, st *store.Store, p org.Person) ([]string, error) {
	tree, err := st.Tree(ctx)
	if err != nil {
		return nil, err
	}
	mailbox, _, _ := strings.Cut(p.Email, "@")
	words := []string{p.Name, p.Number, mailbox}
	tree.Walk(func(t org.Team, _ int) { words = append(words, t.Name, t.Code) })
	return words, nil
}
