package store

import (
	"context"
	"maps"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"leida/internal/fault"
	"leida/internal/org"
)

type personRow struct {
	ID           string
	Number       string
	NumberCanon  string
	Name         string
	NameCanon    string
	Email        string
	JobProfile   string
	ActiveFrom   moment
	ActiveTo     moment
	PasswordHash reference
	// PasswordUntil is the end of a one-time password; zero for a password of the person's own.
	PasswordUntil moment
}

func (personRow) TableName() string { return "people" }

func personOf(r personRow) org.Person {
	return org.Person{
		ID: r.ID, Number: r.Number, Name: r.Name, Email: r.Email, JobProfile: r.JobProfile,
		ActiveFrom: r.ActiveFrom.Time, ActiveTo: r.ActiveTo.Time,
	}
}

// secret is the hash that a password is held against: none where a one-time password has run out.
func (r personRow) secret(now time.Time) string {
	if !r.PasswordUntil.IsZero() && !now.Before(r.PasswordUntil.Time) {
		return ""
	}
	return string(r.PasswordHash)
}

func rowOfPerson(p org.Person) personRow {
	return personRow{
		ID: p.ID, Number: p.Number, NumberCanon: org.Canonical(p.Number), Name: p.Name, NameCanon: org.Canonical(p.Name),
		Email: p.Email, JobProfile: p.JobProfile, ActiveFrom: stamp(p.ActiveFrom), ActiveTo: stamp(p.ActiveTo),
	}
}

// activeAt keeps the rows of people who belong to the centre at a time; activeAsked at the time of who asks in a crowd. org.Person.ActiveAt says the same.
const (
	activeAt    = activeBefore + "?" + activeBetween + "?)"
	activeAsked = activeBefore + "asked.at" + activeBetween + "asked.at)"

	activeBefore, activeBetween = "(people.active_from IS NULL OR people.active_from <= ", ") AND (people.active_to IS NULL OR people.active_to > "
)

// CreatePerson adds a person with access roles. passwordHash may be empty: nobody signs in as them before SetPassword. An empty id is filled in.
func (s *Store) CreatePerson(ctx context.Context, p org.Person, passwordHash string, grants []org.Grant) (org.Person, error) {
	if err := fault.Of(p.Validate()); err != nil {
		return org.Person{}, err
	}
	if p.ID == "" {
		p.ID = s.NewID()
	}
	row := rowOfPerson(p)
	row.PasswordHash = reference(passwordHash)
	err := s.tx(ctx, "create person", func(tx *gorm.DB) error {
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		return insertGrants(tx, p.ID, grants)
	})
	if err != nil {
		return org.Person{}, err
	}
	return personOf(row), nil
}

// Person loads somebody by id, whoever asks; pages about one person use PersonFor.
func (s *Store) Person(ctx context.Context, id string) (org.Person, error) {
	var row personRow
	err := s.reader(ctx).Where("id = ?", id).Take(&row).Error
	return personOf(row), translate("person", err)
}

// PersonFor loads a person whose profile the viewer may see: themself, or a present member of a team they manage.
func (s *Store) PersonFor(ctx context.Context, v org.Viewer, id string) (org.Person, error) {
	var row personRow
	err := visible(s.reader(ctx), v, "people.id", s.now()).Where("id = ?", id).Take(&row).Error
	return personOf(row), translate("person", err)
}

// visible keeps the rows whose person a viewer may look at: the viewer, and whoever is a member of a managed team at a time.
func visible(db *gorm.DB, v org.Viewer, column string, at time.Time) *gorm.DB {
	return db.Where(column+" = ? OR "+column+" IN (?)", v.Person.ID, membersOf(db, v.Teams(), at))
}

// membersOf is the query of the people who are in any of some teams at a time.
func membersOf(db *gorm.DB, teams []string, at time.Time) *gorm.DB {
	return holding(db.Session(&gorm.Session{NewDB: true}).Table("memberships").Select("memberships.person_id"), at).Where("memberships.team_id IN ?", teams)
}

// holding keeps the memberships that hold at a time.
func holding(db *gorm.DB, at time.Time) *gorm.DB {
	return db.Where("memberships.since <= ? AND (memberships.until IS NULL OR memberships.until > ?)", at.UnixMilli(), at.UnixMilli())
}

// PersonByLogin finds who signs in, with the hash of their password ("" for none or one that has run out): by number, else by a name that exactly one active person has.
// It is one statement whatever is found, so that a name that somebody has asks no less of the database than one that nobody has.
func (s *Store) PersonByLogin(ctx context.Context, login string) (org.Person, string, error) {
	canon, now := org.Canonical(login), s.now().UnixMilli()
	numberFirst := clause.OrderBy{Expression: clause.Expr{SQL: "CASE WHEN number_canon = ? THEN 0 ELSE 1 END", Vars: []any{canon}}}
	var rows []personRow
	err := s.reader(ctx).Where("number_canon = ? OR (name_canon = ? AND "+activeAt+")", canon, canon, now, now).Clauses(numberFirst).Limit(2).Find(&rows).Error
	switch {
	case err != nil:
		return org.Person{}, "", translate("person by login", err)
	case len(rows) == 0 || len(rows) > 1 && rows[0].NumberCanon != canon:
		return org.Person{}, "", errNotFound
	}
	return personOf(rows[0]), rows[0].secret(s.now()), nil
}

// Named finds people whom a viewer may assign to by what signs them in, by its canonical form: by number, else by a name that exactly one active person among them has. Trainers
// may assign to everybody, others to whom they may look at. It is one statement, in which who is out of reach and who does not exist are alike.
func (s *Store) Named(ctx context.Context, v org.Viewer, logins []string) (map[string]org.Person, error) {
	now := s.now()
	q := s.reader(ctx).Where("number_canon IN ? OR (name_canon IN ? AND "+activeAt+")", logins, logins, now.UnixMilli(), now.UnixMilli())
	if !v.Is(org.Trainer) {
		q = visible(q, v, "people.id", now)
	}
	var rows []personRow
	if err := q.Order("people.id").Find(&rows).Error; err != nil {
		return nil, translate("named", err)
	}
	found, shared := map[string]org.Person{}, map[string]bool{}
	for _, r := range rows {
		p := personOf(r)
		if !p.ActiveAt(now) {
			continue
		}
		_, shared[r.NameCanon] = found[r.NameCanon]
		found[r.NameCanon] = p
	}
	maps.DeleteFunc(found, func(name string, _ org.Person) bool { return shared[name] })
	for _, r := range rows {
		found[r.NumberCanon] = personOf(r)
	}
	return found, nil
}

// PasswordHash is the hash of a person's password, "" for none or one that has run out.
func (s *Store) PasswordHash(ctx context.Context, person string) (string, error) {
	var row personRow
	err := s.reader(ctx).Select("password_hash", "password_until").Where("id = ?", person).Take(&row).Error
	return row.secret(s.now()), translate("password hash", err)
}

// SetPassword replaces a password by one of the person's own and ends their sessions, all but one to be kept ("" for none).
func (s *Store) SetPassword(ctx context.Context, person, hash, keepSession string) error {
	return s.txPerson(ctx, "set password", person, func(tx *gorm.DB) error {
		return setPassword(tx, person, hash, time.Time{}, keepSession)
	})
}

// ChangePassword is SetPassword by the person in a session, which goes on under a new token.
func (s *Store) ChangePassword(ctx context.Context, person, hash, session string, tokenHash [32]byte, now time.Time) error {
	return s.txPerson(ctx, "change password", person, func(tx *gorm.DB) error {
		if err := setPassword(tx, person, hash, time.Time{}, session); err != nil {
			return err
		}
		return renew(tx, person, session, tokenHash, now)
	})
}

// SetOneTime gives a person a password to sign in with until a time, and only to choose their own. All their sessions end.
func (s *Store) SetOneTime(ctx context.Context, person, hash string, until time.Time) error {
	return s.txPerson(ctx, "set one-time password", person, func(tx *gorm.DB) error {
		return setPassword(tx, person, hash, until, "")
	})
}

func setPassword(tx *gorm.DB, person, hash string, until time.Time, keepSession string) error {
	err := one(tx.Model(&personRow{}).Where("id = ?", person).Updates(map[string]any{"password_hash": reference(hash), "password_until": stamp(until)}))
	if err != nil {
		return err
	}
	return endSessions(tx, person, keepSession)
}

// Rehash keeps a password under a stronger hash, unless it was changed meanwhile. Nothing ends by it.
func (s *Store) Rehash(ctx context.Context, person, old, hash string) error {
	return s.txRow(ctx, "rehash", func(tx *gorm.DB) error {
		return tx.Model(&personRow{}).Where("id = ? AND password_hash = ?", person, old).Update("password_hash", reference(hash)).Error
	})
}

// UpdatePerson changes a person's particulars. The id stays what it is. The last active admin stays active.
func (s *Store) UpdatePerson(ctx context.Context, id string, change func(*org.Person) error) error {
	return s.tx(ctx, "update person", func(tx *gorm.DB) error {
		var row personRow
		if err := tx.Where("id = ?", id).Take(&row).Error; err != nil {
			return err
		}
		p := personOf(row)
		if err := change(&p); err != nil {
			return err
		}
		p.ID = id
		return s.keepAdmin(tx, func() error { return updatePerson(tx, p) })
	})
}

func updatePerson(tx *gorm.DB, p org.Person) error {
	if err := fault.Of(p.Validate()); err != nil {
		return err
	}
	row := rowOfPerson(p)
	return one(tx.Model(&personRow{}).Where("id = ?", p.ID).
		Select("number", "number_canon", "name", "name_canon", "email", "job_profile", "active_from", "active_to").Updates(&row))
}

// PeopleFilter narrows a list of people; a zero field does not.
type PeopleFilter struct {
	Query    string    // part of a name, number or e-mail address
	Team     string    // members of the team or of one below
	ActiveAt time.Time // belonging to the centre at that time
	Page
}

// Listed is a person in a list.
type Listed struct {
	Person      org.Person
	Team        string // id of the present team; "" for none
	Grants      []org.Grant
	HasPassword bool
}

// People lists people by number, with how many there are in all. It is for admins: no scope applies.
func (s *Store) People(ctx context.Context, f PeopleFilter) ([]Listed, int, error) {
	db := s.reader(ctx)
	var total int64
	if err := s.filtered(db, f).Count(&total).Error; err != nil {
		return nil, 0, translate("people", err)
	}
	var rows []struct {
		Person personRow `gorm:"embedded"`
		TeamID reference
	}
	err := s.filtered(db, f).Select("people.*, memberships.team_id").Order("people.number_canon").Limit(f.limit()).Offset(f.offset()).Find(&rows).Error
	if err != nil {
		return nil, 0, translate("people", err)
	}
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.Person.ID
	}
	grants, err := grantsOf(db, ids)
	if err != nil {
		return nil, 0, translate("people", err)
	}
	out := make([]Listed, len(rows))
	for i, r := range rows {
		out[i] = Listed{Person: personOf(r.Person), Team: string(r.TeamID), Grants: grants[r.Person.ID], HasPassword: r.Person.PasswordHash != ""}
	}
	return out, int(total), nil
}

// filtered is the people of a filter, joined with their membership: the present one, or the one of the time asked about.
func (s *Store) filtered(db *gorm.DB, f PeopleFilter) *gorm.DB {
	at := s.now().UnixMilli()
	if !f.ActiveAt.IsZero() {
		at = f.ActiveAt.UnixMilli()
	}
	q := db.Table("people").Joins("LEFT JOIN memberships ON memberships.person_id = people.id AND memberships.since <= ? AND (memberships.until IS NULL OR memberships.until > ?)", at, at)
	if !f.ActiveAt.IsZero() {
		q = q.Where(activeAt, at, at)
	}
	if word := org.Canonical(f.Query); word != "" {
		p := like(word)
		q = q.Where("people.name_canon LIKE ? ESCAPE '!' OR people.number_canon LIKE ? ESCAPE '!' OR lower(people.email) LIKE ? ESCAPE '!'", p, p, p)
	}
	if f.Team != "" {
		q = q.Where("memberships.team_id IN (SELECT team_id FROM team_above WHERE above_id = ?)", f.Team)
	}
	return q
}
