package main

import (
	"encoding/hex"
	"errors"
	"fmt"

	"leida/internal/store"
	"leida/internal/text"
)

type auditCmd struct {
	Verify auditVerifyCmd `cmd:"" help:"Go through the audit log and name the first row that is not as it was written."`
	Head   auditHeadCmd   `cmd:"" help:"Print the number and hash of the newest row, to keep somewhere else."`
}

type auditHeadCmd struct{ databaseFlags }

func (c *auditHeadCmd) Run(w *world) error {
	st, err := c.openExisting(w)
	if err != nil {
		return err
	}
	defer st.Close()
	head, err := st.AuditHead(w.ctx)
	if err != nil {
		return err
	}
	if head.Broken > 0 {
		return sayBroken(w, head)
	}
	_, err = fmt.Fprintln(w.out, head.Rows, head.Hash)
	return err
}

type auditVerifyCmd struct {
	databaseFlags
	Head   string `placeholder:"HASH" xor:"kept" help:"Hash that leida audit head printed earlier: finds rows cut off the end since, and a log written anew."`
	Backup string `placeholder:"FILE" xor:"kept" type:"existingfile" help:"Backup whose manifest keeps such a hash."`
}

func (c *auditVerifyCmd) Run(w *world) error {
	kept, err := c.kept(w)
	if err != nil {
		return err
	}
	st, err := c.openExisting(w)
	if err != nil {
		return err
	}
	defer st.Close()
	head, err := st.AuditHead(w.ctx)
	if err != nil {
		return err
	}
	if head.Broken > 0 {
		return sayBroken(w, head)
	}
	if len(kept) > 0 {
		row, err := st.AuditRow(w.ctx, kept)
		if err != nil {
			return err
		}
		if row == 0 {
			fmt.Fprintln(w.out, text.Say(w.lang, "audit.cut", "hash", hex.EncodeToString(kept), "rows", head.Rows))
			return errFindings
		}
		fmt.Fprintln(w.out, text.Say(w.lang, "audit.kept", "row", row))
	}
	_, err = fmt.Fprintln(w.out, text.Say(w.lang, "audit.sound", "rows", head.Rows, "hash", head.Hash))
	return err
}

// kept is the hash to look for; none where there is nothing to compare with.
func (c *auditVerifyCmd) kept(w *world) ([]byte, error) {
	if c.Backup != "" {
		m, err := store.ReadManifest(w.ctx, c.Backup)
		if err != nil {
			return nil, err
		}
		c.Head = m.Audit.Hash
	}
	hash, err := hex.DecodeString(c.Head)
	if err != nil || len(hash) != 32 && c.Backup == "" && c.Head != "" {
		return nil, usageError{errors.New("--head: not the 64 digits that leida audit head prints")}
	}
	return hash, nil
}

func sayBroken(w *world, head store.AuditHead) error {
	fmt.Fprintln(w.out, text.Say(w.lang, "audit.broken", "row", head.Broken, "rows", head.Rows))
	return errFindings
}
