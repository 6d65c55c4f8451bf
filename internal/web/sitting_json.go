package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"

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
	body, err := jsonObject(raw, "rev", "answer", "flagged")
	if err != nil {
		return sent{}, err
	}
	in := sent{exact: true}
	if flag, given := body["flagged"]; given {
		if err := json.Unmarshal(flag, &in.flag); err != nil {
			return sent{}, fault.New(fault.BadRequest, "answer.json", "at", bytes.Index(raw, flag)).Because(err)
		}
	}
	if in.rev, err = parseRev(string(body["rev"])); err != nil {
		return sent{}, err
	}
	if answer := string(body["answer"]); answer != "" && answer != "null" {
		in.fields, err = item.JSONFields(body["answer"])
		return in, err
	}
	in.fields, err = item.JSONFields([]byte("{}"))
	return in, err
}

// jsonObject takes an object apart: its names as they are written, each one of those known and there once. encoding/json alone would take REV for rev, and the last of two.
func jsonObject(raw []byte, known ...string) (map[string]json.RawMessage, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	bad := func(err error) error {
		return fault.New(fault.BadRequest, "answer.json", "at", dec.InputOffset()).Because(err)
	}
	if open, err := dec.Token(); err != nil || open != json.Delim('{') {
		return nil, bad(err)
	}
	parts := map[string]json.RawMessage{}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return nil, bad(err)
		}
		key, _ := name.(string)
		if _, twice := parts[key]; twice || !slices.Contains(known, key) {
			return nil, bad(nil)
		}
		var part json.RawMessage
		if err := dec.Decode(&part); err != nil {
			return nil, bad(err)
		}
		parts[key] = part
	}
	if _, err := dec.Token(); err != nil {
		return nil, bad(err)
	}
	if _, more := dec.Token(); !errors.Is(more, io.EOF) {
		return nil, fault.New(fault.BadRequest, "answer.json_after")
	}
	return parts, nil
}

// badForm tells a body over the limit from one that cannot be read.
func badForm(err error) error {
	var tooBig *http.MaxBytesError
	if errors.As(err, &tooBig) {
		return err
	}
	return fault.New(fault.BadRequest, "web.form").Because(err)
}
