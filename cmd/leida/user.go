package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"leida/internal/fault"
	"leida/internal/org"
	"leida/internal/store"
	"leida/internal/text"
	"leida/internal/web"
)

type userCmd struct {
	Add    userAddCmd    `cmd:"" help:"Add a person, such as the first admin, and print a one-time password."`
	Passwd userPasswdCmd `cmd:"" help:"Reset a person's password and print a one-time one; ends all their sessions."`
	Access userAccessCmd `cmd:"" help:"Set a person's access roles."`
	List   userListCmd   `cmd:"" help:"List the people."`
}

type userAddCmd struct {
	databaseFlags
	definitionFlags
	passwordFlag
	Number  string   `arg:"" help:"Employee number, unique."`
	Name    string   `arg:"" help:"Name."`
	Access  []string `default:"agent" enum:"agent,trainer,manager,admin" help:"Access roles, separated by commas: agent, trainer, manager (of the whole centre), admin."`
	Profile string   `default:"agent" help:"Job profile of the capability model."`
	Email   string   `help:"E-mail address."`
}

func (c *userAddCmd) Run(w *world) error {
	st, err := c.openMigrated(w)
	if err != nil {
		return err
	}
	defer st.Close()
	model, err := c.model()
	if err != nil {
		return err
	}
	if _, ok := model.Role(c.Profile); !ok {
		return usageError{fmt.Errorf("job profile %q: the model has no such role", c.Profile)}
	}
	p := org.Person{Number: c.Number, Name: c.Name, Email: c.Email, JobProfile: c.Profile, ActiveFrom: w.now()}
	given, err := c.secret(w, st, p)
	if err != nil {
		return err
	}
	grants, err := grantsOf(w, st, c.Access)
	if err != nil {
		return err
	}
	p.ID = st.NewID()
	ctx := store.Noting(w.ctx, store.AuditEntry{Action: "person_add", Object: "person", ObjectID: p.ID})
	if p, err = st.CreatePerson(ctx, p, "", grants); err != nil {
		return err
	}
	if _, err := fmt.Fprintln(w.out, p.ID); err != nil {
		return err
	}
	return given.set(w, st, p)
}

// passwordFlag says where a password comes from.
type passwordFlag struct {
	PasswordStdin     bool   `help:"Read the person's own password from standard input, instead of making a one-time one."`
	BreachedPasswords string `type:"existingfile" env:"LEIDA_BREACHED_PASSWORDS" placeholder:"FILE" help:"Passwords that nobody may choose: SHA-1 in hexadecimal, one a line, sorted."`
}

// secret is a password to be set.
type secret struct {
	hash    string
	oneTime string    // to be printed; empty for a password of the person's own
	until   time.Time // end of a one-time password
}

// secret is the password typed by the person, which stays, or a random one that runs out and must be changed at the first sign-in.
func (f passwordFlag) secret(w *world, st *store.Store, p org.Person) (x secret, err error) {
	if f.PasswordStdin {
		x.hash, err = f.readPassword(w, st, p)
		return x, err
	}
	if x.oneTime, err = web.OneTimePassword(w.rand); err != nil {
		return x, err
	}
	x.until = w.now().Add(web.OneTimeLasts)
	x.hash, err = web.HashPassword(w.rand, x.oneTime)
	return x, err
}

// set gives a person the password, and prints it if it is a one-time one.
func (x secret) set(w *world, st *store.Store, p org.Person) error {
	ctx := store.Noting(w.ctx, store.AuditEntry{Action: "password_reset", Object: "person", ObjectID: p.ID})
	if x.oneTime == "" {
		return st.SetPassword(ctx, p.ID, x.hash, "")
	}
	if err := st.SetOneTime(ctx, p.ID, x.hash, x.until); err != nil {
		return err
	}
	_, err := fmt.Fprintln(w.out, text.Say(w.lang, "user.one_time", "password", x.oneTime, "hours", int(web.OneTimeLasts.Hours())))
	return err
}

// grantsOf gives the named access roles; a manager's is for every root of the tree.
func grantsOf(w *world, st *store.Store, names []string) ([]org.Grant, error) {
	var grants []org.Grant
	for _, name := range names {
		if org.Access(name) != org.Manager {
			grants = append(grants, org.Grant{Access: org.Access(name)})
			continue
		}
		tree, err := st.Tree(w.ctx)
		if err != nil {
			return nil, err
		}
		for _, t := range tree.Children("") {
			grants = append(grants, org.Grant{Access: org.Manager, Team: t.ID})
		}
	}
	return grants, nil
}

// readPassword takes the first line of standard input, so that no password stands in a process list or a history.
func (f passwordFlag) readPassword(w *world, st *store.Store, p org.Person) (string, error) {
	line, err := bufio.NewReader(w.in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	password := strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
	words, err := web.PasswordWords(w.ctx, st, p)
	if err != nil {
		return "", err
	}
	if err := fault.Of(org.CheckPassword(password, words...)); err != nil {
		return "", err
	}
	var c web.Config
	done, err := signInFlags{BreachedPasswords: f.BreachedPasswords}.apply(&c)
	if err != nil {
		return "", err
	}
	defer done()
	switch known, err := c.Breached.Has(password); {
	case err != nil:
		return "", err
	case known:
		return "", fault.New(fault.Invalid, "account.breached")
	}
	return web.HashPassword(w.rand, password)
}

type userPasswdCmd struct {
	databaseFlags
	passwordFlag
	Login string `arg:"" help:"Employee number or name."`
}

func (c *userPasswdCmd) Run(w *world) error {
	st, err := c.openMigrated(w)
	if err != nil {
		return err
	}
	defer st.Close()
	p, _, err := st.PersonByLogin(w.ctx, org.Canonical(c.Login))
	if err != nil {
		return err
	}
	given, err := c.secret(w, st, p)
	if err != nil {
		return err
	}
	return given.set(w, st, p)
}

type userAccessCmd struct {
	databaseFlags
	Login  string   `arg:"" help:"Employee number or name."`
	Access []string `arg:"" enum:"agent,trainer,manager,admin" help:"Access roles, in place of those there are: agent, trainer, manager (of the whole centre), admin."`
}

func (c *userAccessCmd) Run(w *world) error {
	st, err := c.openMigrated(w)
	if err != nil {
		return err
	}
	defer st.Close()
	p, _, err := st.PersonByLogin(w.ctx, org.Canonical(c.Login))
	if err != nil {
		return err
	}
	grants, err := grantsOf(w, st, c.Access)
	if err != nil {
		return err
	}
	ctx := store.Noting(w.ctx, store.AuditEntry{Action: "access", Object: "person", ObjectID: p.ID})
	return st.SetGrants(ctx, p.ID, grants)
}

type userListCmd struct {
	databaseFlags
	Query string `arg:"" optional:"" help:"Part of a name or number."`
}

func (c *userListCmd) Run(w *world) error {
	st, err := c.openMigrated(w)
	if err != nil {
		return err
	}
	defer st.Close()
	table := tabwriter.NewWriter(w.out, 0, 4, 2, ' ', 0)
	for offset := 0; ; {
		rows, total, err := st.People(w.ctx, store.PeopleFilter{Query: c.Query, Page: store.Page{Limit: 200, Offset: offset}})
		if err != nil {
			return err
		}
		for _, r := range rows {
			var access []string
			for _, g := range r.Grants {
				if !slices.Contains(access, string(g.Access)) {
					access = append(access, string(g.Access))
				}
			}
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", r.Person.Number, r.Person.Name, r.Person.JobProfile, strings.Join(access, ","))
		}
		if offset += len(rows); offset >= total || len(rows) == 0 {
			return table.Flush()
		}
	}
}

func (f databaseFlags) openMigrated(w *world) (*store.Store, error) {
	st, err := f.open(w, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	if err := st.Migrate(w.ctx); err != nil {
		return nil, errors.Join(err, st.Close())
	}
	return st, nil
}
