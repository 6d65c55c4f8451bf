package web

import (
	"crypto/sha256"
	"encoding/base64"
	"io"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"leida/internal/fault"
	"leida/internal/org"
	"leida/internal/store"
)

// A session lasts for a working day without use, and a week in all.
const (
	sessionIdle     = 12 * time.Hour
	sessionAbsolute = 7 * 24 * time.Hour
	sessionCookie   = "leida_session"
)

// findViewer is who a request comes from; the zero Viewer for nobody. at is the place that it saves, or nil. A cookie that is cut, stale or somebody's invention is nobody's, and is cleared.
func (s *Server) findViewer(c *gin.Context, at *store.Place) (org.Viewer, store.Session, error) {
	cookies := c.Request.CookiesNamed(s.cookieName(sessionCookie))
	if len(cookies) == 0 {
		return org.Viewer{}, store.Session{}, nil
	}
	if len(cookies) == 1 { // of two, one was planted
		if raw, err := base64.RawURLEncoding.DecodeString(cookies[0].Value); err == nil && len(raw) == 32 {
			v, session, err := s.Store.ViewerBySession(c, sha256.Sum256(raw), s.Now(), at)
			if !fault.Is(err, fault.NotFound) {
				return v, session, err
			}
		}
	}
	note(c, eventSession)
	s.setCookie(c, sessionCookie, "", -time.Second)
	return org.Viewer{}, store.Session{}, nil
}

// startSession signs a person in on this device with a new token, so that one planted before is worth nothing. stored is the form that the password was checked against.
func (s *Server) startSession(c *gin.Context, person, stored string, e store.AuditEntry) error {
	now := s.Now()
	return s.giveToken(c, now.Add(sessionAbsolute), func(hash [32]byte) error {
		_, err := s.Store.SignIn(s.noting(c, e), person, stored, hash, strings.ToValidUTF8(c.Request.UserAgent(), "?"), now, sessionIdle, now.Add(sessionAbsolute))
		return err
	})
}

// renewToken gives the session at hand a new token wherever somebody proved who they are; the session ends when it would have.
func (s *Server) renewToken(c *gin.Context, keep func(hash [32]byte) error) error {
	return s.giveToken(c, session(c).ExpiresAt, keep)
}

// giveToken makes a token, has the hash of it kept, and sends it. It is nowhere else.
func (s *Server) giveToken(c *gin.Context, until time.Time, keep func(hash [32]byte) error) error {
	var token [32]byte
	if _, err := io.ReadFull(s.Rand, token[:]); err != nil {
		return err
	}
	if err := keep(sha256.Sum256(token[:])); err != nil {
		return err
	}
	s.setCookie(c, sessionCookie, base64.RawURLEncoding.EncodeToString(token[:]), until.Sub(s.Now()))
	return nil
}
