package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"github.com/gin-gonic/gin"

	"leida/internal/fault"
	"leida/internal/item"
)

// readSentJSON reads {"rev": 3, "answer": {...}, "flagged": true}, for programs.
func readSentJSON(c *gin.Context) (sent, error) {
	raw, err := io.ReadAll(c.Request.Body)
	if err != nil {
		return sent{}, badForm(err)
	}
	var body struct {
		Rev     json.Number     `json:"rev"`
		Answer  json.RawMessage `json:"answer"`
		Flagged *bool           `json:"flagged"`
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&body); err != nil {
		return sent{}, fault.New(fault.BadRequest, "answer.json", "at", dec.InputOffset()).Because(err)
	}
	if _, more := dec.Token(); !errors.Is(more, io.EOF) {
		return sent{}, fault.New(fault.BadRequest, "answer.json_after")
	}
	in := sent{flag: body.Flagged}
	if in.rev, err = parseRev(body.Rev.String()); err != nil {
		return sent{}, err
	}
	if len(body.Answer) == 0 || string(body.Answer) == "null" {
		body.Answer = json.RawMessage("{}")
	}
	in.fields, err = item.JSONFields(body.Answer)
	return in, err
}

// badForm tells a body over the limit from one that cannot be read.
func badForm(err error) error {
	var tooBig *http.MaxBytesError
	if errors.As(err, &tooBig) {
		return err
	}
	return fault.New(fault.BadRequest, "web.form").Because(err)
}
