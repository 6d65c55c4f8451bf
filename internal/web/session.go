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
)

// A session lasts for a working day without use, and a week in all.
const (
	sessionIdle     = 12 * time.Hour
	sessionAbsolute = 7 * 24 * time.Hour
	sessionCookie   = "leida_session"
)

// findViewer is who a request comes from; the zero Viewer for nobody. A cookie that is cut, stale or somebody's invention is nobody's, and is cleared.
func (s *Server) findViewer(c *gin.Context) (org.Viewer, error) {
	cookies := c.Request.CookiesNamed(s.cookieName(sessionCookie))
	if len(cookies) == 0 {
		return org.Viewer{}, nil
	}
	if len(cookies) == 1 { // of two, one was planted
		if raw, err := base64.RawURLEncoding.DecodeString(cookies[0].Value); err == nil && len(raw) == 32 {
			session, err := s.Store.SessionByHash(c, sha256.Sum256(raw), s.Now())
			if err == nil {
				return s.Store.Viewer(c, session.Person, session.ID)
			}
			if !fault.Is(err, fault.NotFound) {
				return org.Viewer{}, err
			}
		}
	}
	note(c, eventSession)
	s.setCookie(c, sessionCookie, "", -time.Second)
	return org.Viewer{}, nil
}

// startSession signs a person in on this device with a new token, so that one planted before is worth nothing.
func (s *Server) startSession(c *gin.Context, person string) error {
	var token [32]byte
	if _, err := io.ReadFull(s.Rand, token[:]); err != nil {
		return err
	}
	now := s.Now()
	if _, err := s.Store.CreateSession(c, person, sha256.Sum256(token[:]), strings.ToValidUTF8(c.Request.UserAgent(), "?"), now, sessionIdle, now.Add(sessionAbsolute)); err != nil {
		return err
	}
	s.setCookie(c, sessionCookie, base64.RawURLEncoding.EncodeToString(token[:]), sessionAbsolute)
	return nil
}
