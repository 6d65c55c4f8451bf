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

	"leida/internal/fault"
	"leida/internal/org"
	"leida/internal/store"
	"leida/internal/web"
)

type userCmd struct {
	Add    userAddCmd    `cmd:"" help:"Add a person, such as the first admin. The password is read from standard input."`
	Passwd userPasswdCmd `cmd:"" help:"Set a person's password, read from standard input; ends all their sessions."`
	List   userListCmd   `cmd:"" help:"List the people."`
}

type userAddCmd struct {
	databaseFlags
	definitionFlags
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
	hash, err := readPassword(w, p)
	if err != nil {
		return err
	}
	grants, err := grantsOf(w, st, c.Access)
	if err != nil {
		return err
	}
	p, err = st.CreatePerson(w.ctx, p, hash, grants)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(w.out, p.ID)
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
func readPassword(w *world, p org.Person) (string, error) {
	line, err := bufio.NewReader(w.in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	password := strings.TrimRight(line, "\r\n")
	if err := fault.Of(org.CheckPassword(password, p.Name, p.Number)); err != nil {
		return "", err
	}
	return web.HashPassword(w.rand, password)
}

type userPasswdCmd struct {
	databaseFlags
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
	hash, err := readPassword(w, p)
	if err != nil {
		return err
	}
	return st.SetPassword(w.ctx, p.ID, hash, "")
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
