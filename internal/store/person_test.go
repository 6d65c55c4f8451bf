package store

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"leida/internal/fault"
	"leida/internal/org"
)

func TestPersonComesBack(t *testing.T) {
	w := empty(t)
	want := org.Person{
		Number: "007 ", Name: `O'Brien "欧阳" 🙂 %_`, Email: "Ou@Example.com", JobProfile: "aic",
		ActiveFrom: noon.AddDate(-1, 0, 0), ActiveTo: noon.AddDate(1, 0, 0),
	}
	p, err := w.CreatePerson(w.ctx, want, "", nil)
	w.ok(err)
	want.ID = p.ID
	got, err := w.Person(w.ctx, p.ID)
	w.ok(err)
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	_, err = w.Person(w.ctx, "nobody")
	w.missing(err)
	_, err = w.CreatePerson(w.ctx, org.Person{Number: "００７", Name: "x"}, "", nil)
	w.fails(err, fault.Conflict, "store.number_taken")
	if fault.As(err).Problems[0].Path != "number" {
		t.Error("not said at its field")
	}
	_, err = w.CreatePerson(w.ctx, org.Person{}, "", nil)
	w.fails(err, fault.Invalid, "fault.invalid")
	_, err = w.CreatePerson(w.ctx, org.Person{Number: "8", Name: "x"}, "", []org.Grant{{Access: org.Manager}})
	w.fails(err, fault.Invalid, "fault.invalid")
	_, err = w.CreatePerson(w.ctx, org.Person{Number: "8", Name: "x"}, "", []org.Grant{{Access: org.Manager, Team: "none"}})
	w.fails(err, fault.Invalid, "store.unknown_reference")
	if w.count("people") != 1 {
		t.Error("half a person was kept")
	}
}

func TestLogin(t *testing.T) {
	w := empty(t)
	ann := w.person("0012", "王芳")
	w.person("13", "Li Wei")
	w.person("14", "LI  WEI")
	w.person("15", "0012") // a name that is somebody's number
	for login, want := range map[string]string{"0012": ann.ID, "００１２": ann.ID, "王芳": ann.ID, " 王芳 ": ann.ID} {
		p, hash, err := w.PersonByLogin(w.ctx, login)
		w.ok(err)
		if p.ID != want || hash != "hash of 0012" {
			t.Errorf("%s is %+v, %s", login, p, hash)
		}
	}
	for _, login := range []string{"li wei", "12", "", "' OR 1=1 --"} {
		_, _, err := w.PersonByLogin(w.ctx, login)
		w.missing(err)
	}
	w.ok(w.UpdatePerson(w.ctx, w.byNumber("14").ID, func(p *org.Person) error { p.ActiveTo = noon; return nil }))
	if p, _, err := w.PersonByLogin(w.ctx, "li wei"); err != nil || p.Number != "13" {
		t.Error("a namesake who has left still stands in the way", err)
	}
}

// Named finds as signing in does, among those in reach: who is out of reach neither is found nor makes a name ambiguous.
func TestNamed(t *testing.T) {
	c := newCentre(t)
	trainer, manager := c.viewer(c.trainer), c.viewer(c.eve)
	c.person("13", "Li Wei")
	c.person("14", "LI  WEI")
	c.person("15", c.ann.Number)                           // a name that is somebody's number
	gone, stranger := c.person("16", "Zhao"), c.bob.Number // nobody of eve's
	c.ok(c.UpdatePerson(c.ctx, gone.ID, func(p *org.Person) error { p.ActiveTo = noon; return nil }))
	c.person("17", "zhao")
	for _, x := range []struct {
		who   org.Viewer
		login string
		want  string // number
	}{
		{trainer, c.ann.Number, c.ann.Number}, {trainer, "li wei", ""}, {trainer, "13", "13"}, {trainer, "zhao", "17"}, {trainer, "16", "16"}, {trainer, stranger, stranger}, {trainer, "' OR 1=1 --", ""},
		{manager, c.ann.Number, c.ann.Number}, {manager, stranger, ""}, {manager, "13", ""}, {manager, "zhao", ""}, {org.Viewer{}, c.ann.Number, ""},
	} {
		got, err := c.Named(c.ctx, x.who, []string{x.login, "nobody"})
		c.ok(err)
		if got[x.login].Number != x.want || got["nobody"].ID != "" {
			t.Errorf("%s is %+v, want %q", x.login, got, x.want)
		}
	}
	c.ok(c.MoveMember(c.ctx, c.byNumber("14").ID, c.eastOne.ID, noon)) // the other one is out of reach
	if got, err := c.Named(c.ctx, manager, []string{"li wei"}); err != nil || got["li wei"].Number != "14" {
		t.Error(got, err)
	}
}

func (w *world) byNumber(number string) org.Person {
	w.t.Helper()
	p, _, err := w.PersonByLogin(w.ctx, number)
	w.ok(err)
	return p
}

func TestUpdatePerson(t *testing.T) {
	w := empty(t)
	p := w.person("1", "Ann")
	w.person("2", "Bob")
	w.ok(w.UpdatePerson(w.ctx, p.ID, func(p *org.Person) error { p.ID, p.Name, p.Email = "else", "Anna", "a@b.c"; return nil }))
	got, err := w.Person(w.ctx, p.ID)
	w.ok(err)
	if got.Name != "Anna" || got.Email != "a@b.c" || got.Number != "1" {
		t.Error(got)
	}
	if hash, err := w.PasswordHash(w.ctx, p.ID); hash != "hash of 1" || err != nil {
		t.Error("the update touched the password", hash, err)
	}
	w.fails(w.UpdatePerson(w.ctx, p.ID, func(p *org.Person) error { p.Number = "2"; return nil }), fault.Conflict, "store.number_taken")
	w.fails(w.UpdatePerson(w.ctx, p.ID, func(p *org.Person) error { p.Name = ""; return nil }), fault.Invalid, "fault.invalid")
	w.missing(w.UpdatePerson(w.ctx, "nobody", func(*org.Person) error { return nil }))
}

func TestSetPassword(t *testing.T) {
	w := empty(t)
	ann, bob := w.person("1", "Ann"), w.person("2", "Bob")
	keep, other, bobs := w.session(ann, 1), w.session(ann, 2), w.session(bob, 3)
	w.ok(w.SetPassword(w.ctx, ann.ID, "new", keep.ID))
	if hash, err := w.PasswordHash(w.ctx, ann.ID); hash != "new" || err != nil {
		t.Error(hash, err)
	}
	for s, alive := range map[Session]bool{keep: true, other: false, bobs: true} {
		_, err := w.again(s)
		if (err == nil) != alive {
			t.Error(s.ID, err)
		}
	}
	w.missing(w.SetPassword(w.ctx, "nobody", "new", ""))
	_, err := w.PasswordHash(w.ctx, "nobody")
	w.missing(err)
}

func TestGrants(t *testing.T) {
	c := newCentre(t)
	want := []org.Grant{{Access: org.Agent}, {Access: org.Trainer}, {Access: org.Manager, Team: c.west.ID}}
	c.ok(c.SetGrants(c.ctx, c.ann.ID, []org.Grant{want[2], want[0], want[1], want[0]}))
	got, err := c.Grants(c.ctx, c.ann.ID)
	c.ok(err)
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	c.fails(c.SetGrants(c.ctx, c.ann.ID, []org.Grant{{Access: org.Agent, Team: c.west.ID}}), fault.Invalid, "fault.invalid")
	c.fails(c.SetGrants(c.ctx, c.ann.ID, []org.Grant{{Access: "root"}}), fault.Invalid, "store.out_of_range")
	c.missing(c.SetGrants(c.ctx, "nobody", nil))
	if got, _ = c.Grants(c.ctx, c.ann.ID); len(got) != 3 {
		t.Error("a failed change took effect")
	}
	c.ok(c.SetGrants(c.ctx, c.ann.ID, nil))
	if got, err = c.Grants(c.ctx, c.ann.ID); len(got) != 0 || err != nil {
		t.Error(got, err)
	}
}

func TestViewer(t *testing.T) {
	c := newCentre(t)
	v := c.viewer(c.eve)
	if d := cmp.Diff([]string{c.east.ID, c.eastOne.ID}, v.Teams()); d != "" || v.Session != "session of 0003" || !v.Is(org.Manager) || v.Is(org.Admin) {
		t.Error(d, v)
	}
	if v := c.viewer(c.ann); v.Teams() != nil || !v.Is(org.Agent) {
		t.Error(v)
	}
	c.ok(c.UpdatePerson(c.ctx, c.ann.ID, func(p *org.Person) error { p.ActiveTo = noon; return nil }))
	_, err := c.Viewer(c.ctx, c.ann.ID, "")
	c.missing(err)
}

func TestPersonForIsScoped(t *testing.T) {
	c := newCentre(t)
	for _, x := range []struct {
		who, whom org.Person
		may       bool
	}{
		{c.ann, c.ann, true}, {c.ann, c.bob, false}, {c.eve, c.ann, true}, {c.eve, c.bob, false}, {c.wes, c.bob, true},
		{c.trainer, c.ann, false}, {c.admin, c.ann, false}, {c.ann, c.eve, false},
	} {
		p, err := c.PersonFor(c.ctx, c.viewer(x.who), x.whom.ID)
		if x.may && (err != nil || p.ID != x.whom.ID) {
			t.Errorf("%s does not see %s: %v", x.who.Name, x.whom.Name, err)
		}
		if !x.may {
			c.missing(err)
		}
	}
	_, err := c.PersonFor(c.ctx, org.Viewer{}, c.ann.ID)
	c.missing(err)
	c.ok(c.MoveMember(c.ctx, c.ann.ID, c.westOne.ID, noon))
	_, err = c.PersonFor(c.ctx, c.viewer(c.eve), c.ann.ID)
	c.missing(err)
}

func TestPeople(t *testing.T) {
	c := newCentre(t)
	odd := c.person("100%_a", `A_%!'"b`)
	c.ok(c.UpdatePerson(c.ctx, odd.ID, func(p *org.Person) error { p.ActiveTo, p.Email = noon.AddDate(0, 0, -1), "Odd@X.com"; return nil }))
	for _, x := range []struct {
		name string
		f    PeopleFilter
		want []string
	}{
		{"all", PeopleFilter{}, []string{"0001", "0002", "0003", "0004", "0005", "0006", "100%_a"}},
		{"part of a name", PeopleFilter{Query: "坐席"}, []string{"0001", "0002"}},
		{"wildcards are letters", PeopleFilter{Query: "_%!'"}, []string{"100%_a"}},
		{"one wildcard", PeopleFilter{Query: "%"}, []string{"100%_a"}},
		{"e-mail", PeopleFilter{Query: "ODD@x"}, []string{"100%_a"}},
		{"number", PeopleFilter{Query: "0003"}, []string{"0003"}},
		{"team with those below", PeopleFilter{Team: c.east.ID}, []string{"0001"}},
		{"whole centre", PeopleFilter{Team: c.root.ID}, []string{"0001", "0002"}},
		{"active", PeopleFilter{Query: "a", ActiveAt: noon}, []string{"0005", "0006"}},
		{"nobody", PeopleFilter{Query: "zzz"}, nil},
	} {
		got, total, err := c.People(c.ctx, x.f)
		c.ok(err)
		var numbers []string
		for _, l := range got {
			numbers = append(numbers, l.Person.Number)
		}
		if d := cmp.Diff(x.want, numbers); d != "" || total != len(x.want) {
			t.Errorf("%s: %d %s", x.name, total, d)
		}
	}
	got, total, err := c.People(c.ctx, PeopleFilter{Page: Page{Limit: 2, Offset: 2}})
	c.ok(err)
	if total != 7 || len(got) != 2 || got[0].Person.ID != c.eve.ID || !got[0].HasPassword || got[0].Grants[0].Team != c.east.ID || got[0].Team != "" {
		t.Errorf("%d %+v", total, got)
	}
	if got, _, _ := c.People(c.ctx, PeopleFilter{Query: "0001"}); got[0].Team != c.eastOne.ID {
		t.Error(got)
	}
}

// again finds a session by what session gave it.
func (w *world) again(s Session) (Session, error) {
	_, got, err := w.ViewerBySession(w.ctx, token(s.UserAgent[0]), w.clock.now(), nil)
	return got, err
}

func token(n byte) [32]byte { return [32]byte{n, 1: 0xff} }

func (w *world) session(p org.Person, n byte) Session {
	w.t.Helper()
	s, err := w.CreateSession(w.ctx, p.ID, token(n), string(rune(n)), w.clock.now(), 30*time.Minute, w.clock.now().Add(12*time.Hour))
	w.ok(err)
	return s
}
