package web

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/gin-gonic/gin"

	"leida/internal/store"
)

// noting is the context of one change of this request: its entry in the audit log is written with it, or neither is.
func (s *Server) noting(c *gin.Context, e store.AuditEntry) context.Context {
	return store.Noting(c, s.entry(c, e))
}

// audit records what was refused, or came too late: there is no change that it could be written with.
func (s *Server) audit(c *gin.Context, e store.AuditEntry) error {
	return s.Store.Audit(c, s.entry(c, e))
}

// entry says who, when and by which request. Entries name ids, never contents.
func (s *Server) entry(c *gin.Context, e store.AuditEntry) store.AuditEntry {
	if e.Actor == "" {
		e.Actor = viewer(c).Person.ID
	}
	e.At, e.RequestID = s.Now(), requestID(c)
	return e
}

// detail is what an audit entry says besides: name, value, name, value ...
func detail(pairs ...any) json.RawMessage {
	m := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		m[fmt.Sprint(pairs[i])] = pairs[i+1]
	}
	raw, err := json.Marshal(m)
	if err != nil {
		return nil // of plain values it cannot happen
	}
	return raw
}
