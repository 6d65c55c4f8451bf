package web

import (
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"leida/internal/fault"
	"leida/internal/store"
)

// limit is how often one person may do something, on all servers together: so many times at once, and one more each so often.
type limit struct {
	burst int
	every time.Duration
}

// limits are those of what gives something away in bulk or fills something up. Saving an answer has none of its own: it replaces what was there, and the queue behind it is bounded.
var limits = map[string]limit{
	"start":  {60, 10 * time.Second}, // sittings, each of which shows a part of the bank
	"export": {60, 5 * time.Second},  // files of reports
	"import": {30, 10 * time.Second}, // rosters
	"assign": {30, 10 * time.Second}, // assignments
	"reset":  {30, 10 * time.Second}, // others' passwords
	"denied": {20, 30 * time.Second}, // entries in the audit log of what was not theirs
	"late":   {20, 30 * time.Second}, // entries in the audit log of answers after the time
}

// spend takes one of the viewer's allowance; false when there is none left.
func (s *Server) spend(c *gin.Context, what string) (bool, error) {
	l := limits[what]
	return s.Store.Allow(c, s.Now(), store.Limit{Key: what + " " + viewer(c).Person.ID, Burst: l.burst, Every: l.every})
}

// checkLimit refuses what the viewer has done too often, and says when to come again.
func (s *Server) checkLimit(c *gin.Context, what string) error {
	if what == "" {
		return nil
	}
	ok, err := s.spend(c, what)
	if err != nil || ok {
		return err
	}
	c.Header("Retry-After", strconv.Itoa(int(limits[what].every.Seconds())))
	return fault.New(fault.Throttled, "web.throttled")
}
