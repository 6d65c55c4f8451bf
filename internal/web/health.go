package web

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"leida/internal/fault"
	"leida/static"
)

// healthz says that the process answers.
func (s *Server) healthz(c *gin.Context) error {
	c.String(http.StatusOK, "ok\n")
	return nil
}

// readyz says that the database answers as well, and when its disk is nearly full. That is no reason to turn people away while their saves still succeed.
func (s *Server) readyz(c *gin.Context) error {
	if err := s.Store.Ping(c); err != nil {
		return fault.New(fault.Busy, "web.not_ready").Because(err)
	}
	d, err := s.Store.Disk()
	if err != nil {
		return fault.New(fault.Busy, "web.not_ready").Because(err)
	}
	if d.Low() {
		c.String(http.StatusOK, "ready, but the disk is nearly full: %d MB free\n", d.Free>>20)
		return nil
	}
	c.String(http.StatusOK, "ready\n")
	return nil
}

// asset serves what was built into the program, by its content hash.
func (s *Server) asset(c *gin.Context) error {
	data, kind, encoding, ok := static.Lookup("/static"+c.Param("name"), c.GetHeader("Accept-Encoding"))
	if !ok {
		return fault.New(fault.NotFound, "web.not_found")
	}
	if encoding != "" {
		c.Header("Content-Encoding", encoding)
	}
	c.Header("Vary", "Accept-Encoding")
	c.Data(http.StatusOK, kind, data)
	return nil
}

// favicon is what browsers ask for without being told.
func (s *Server) favicon(c *gin.Context) error {
	c.Redirect(http.StatusSeeOther, static.URL("favicon.svg"))
	return nil
}
