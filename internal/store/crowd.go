package store

import (
	"context"

	"gorm.io/gorm"
)

// crowd is how PostgreSQL is asked: there a statement costs more than what it reads, so those of the same moment become one.
type crowd struct {
	write   *gorm.DB
	singly  singly
	viewers *together[viewerAsk, viewerRow]
	places  *together[placeAsk, placeRow]
	saves   *together[placeChange, bool]
}

func newCrowd(read, write *gorm.DB) *crowd {
	h := singly{read}
	return &crowd{
		write: write, singly: h,
		viewers: newTogether(h.viewer,
			func(ctx context.Context, asks []viewerAsk) ([]viewerRow, error) { return viewersOf(ctx, read, asks) }),
		places: newTogether(func(ctx context.Context, q placeAsk) (placeRow, error) { return h.place(ctx, write, q) },
			func(ctx context.Context, asks []placeAsk) ([]placeRow, error) { return placesOf(ctx, write, asks) }),
		saves: newTogether(func(ctx context.Context, c placeChange) (bool, error) { return c.exec(ctx, write, saveUpdate) },
			func(ctx context.Context, changes []placeChange) ([]bool, error) { return saveAll(ctx, write, changes) }),
	}
}

// The arrays are read through a query each. By their own lengths PostgreSQL would find each statement worth a new plan, which takes longer than the statement.

// viewersQuery reads the places that are about to be asked for along: a save asks once less.
var viewersQuery = write("SELECT asked.i, " + viewerColumns + ", x.n IS NOT NULL, " + placeColumns +
	"FROM unnest((SELECT ?::bytea[]), (SELECT ?::bigint[]), (SELECT ?::text[]), (SELECT ?::bigint[])) WITH ORDINALITY AS asked (token_hash, at, sitting_id, n, i) " +
	"JOIN sessions ON sessions.token_hash = asked.token_hash AND " + validAsked + " " +
	"LEFT JOIN sittings s ON s.id = asked.sitting_id AND s.person_id = sessions.person_id LEFT JOIN slots x ON x.sitting_id = s.id AND x.n = asked.n " + viewerJoins + activeAsked)

func viewersOf(ctx context.Context, db *gorm.DB, asked []viewerAsk) ([]viewerRow, error) {
	hashes, at, sittings, ns := make([][]byte, len(asked)), make([]int64, len(asked)), make([]string, len(asked)), make([]int64, len(asked))
	for i, q := range asked {
		hashes[i], at[i], sittings[i], ns[i] = q.tokenHash, q.at, q.sitting, int64(q.n)
	}
	out := make([]viewerRow, len(asked))
	var i int
	var v viewerRow
	var access, team reference
	var found bool
	var r placeRow
	columns := append(append([]any{&i}, v.columns(&access, &team)...), append([]any{&found}, r.columns()...)...)
	err := viewersQuery.eachRow(ctx, db, []any{hashes, at, sittings, ns}, columns, func() {
		v.grants, v.place = out[i-1].grants, nil
		v.grant(access, team)
		if found {
			place := r
			place.asked(placeAsk{v.person.ID, asked[i-1].sitting, asked[i-1].n})
			v.place = &place
		}
		out[i-1] = v
	})
	return out, err
}

func (h *crowd) viewer(ctx context.Context, q viewerAsk) (viewerRow, error) {
	v, err := h.viewers.answer(ctx, q)
	if err == nil && v.person.ID == "" {
		err = gorm.ErrRecordNotFound
	}
	return v, err
}

var placesQuery = write("SELECT asked.i, " + placeColumns + "FROM unnest((SELECT ?::text[]), (SELECT ?::text[]), (SELECT ?::bigint[])) WITH ORDINALITY AS asked (sitting_id, person_id, n, i) " +
	"JOIN sittings s ON s.id = asked.sitting_id AND s.person_id = asked.person_id JOIN slots x ON x.sitting_id = s.id AND x.n = asked.n")

func placesOf(ctx context.Context, db *gorm.DB, asked []placeAsk) ([]placeRow, error) {
	sittings, people, ns := make([]string, len(asked)), make([]string, len(asked)), make([]int64, len(asked))
	for i, q := range asked {
		sittings[i], people[i], ns[i] = q.sitting, q.person, int64(q.n)
	}
	out := make([]placeRow, len(asked))
	var i int
	var r placeRow
	err := placesQuery.eachRow(ctx, db, []any{sittings, people, ns}, append([]any{&i}, r.columns()...), func() {
		r.asked(asked[i-1])
		out[i-1] = r
	})
	return out, err
}

func (h *crowd) place(ctx context.Context, _ *gorm.DB, q placeAsk) (placeRow, error) {
	r, err := h.places.answer(ctx, q)
	if err == nil && r.head.ID == "" {
		err = gorm.ErrRecordNotFound
	}
	return r, err
}

// saveUpdate and savesUpdate are placeUpdate for those who must not keep others waiting: a sitting that somebody is just changing is passed over.

var saveUpdate = writeLocking(placeBefore, placeHeld, passing, placeAfter)

var savesUpdate = write("WITH held AS (SELECT asked.* FROM unnest((SELECT ?::text[]), (SELECT ?::bigint[]), (SELECT ?::bigint[]), (SELECT ?::double precision[]), (SELECT ?::boolean[]), " +
	"(SELECT ?::text[]), (SELECT ?::text[]), (SELECT ?::bigint[]), (SELECT ?::bigint[])) WITH ORDINALITY AS asked (answer, rev, saved_at, seconds, flagged, sitting_id, holder, n, was, i) " +
	"JOIN sittings s ON s.id = asked.sitting_id AND s.state = 'open' AND s.holder = asked.holder FOR NO KEY UPDATE OF s SKIP LOCKED) " +
	"UPDATE slots SET answer = held.answer, rev = held.rev, saved_at = held.saved_at, seconds = held.seconds, flagged = held.flagged FROM held " +
	"WHERE slots.sitting_id = held.sitting_id AND slots.n = held.n AND slots.rev = held.was RETURNING held.i")

func saveAll(ctx context.Context, db *gorm.DB, asked []placeChange) ([]bool, error) {
	k := len(asked)
	answers, revs, savedAt, seconds, flagged := make([]*string, k), make([]int64, k), make([]*int64, k), make([]float64, k), make([]bool, k)
	sittings, holders, ns, was := make([]string, k), make([]string, k), make([]int64, k), make([]int64, k)
	for i, c := range asked {
		s := c.slot
		if s.Answer != "" {
			answer := string(s.Answer)
			answers[i] = &answer
		}
		if !s.SavedAt.IsZero() {
			at := s.SavedAt.UnixMilli()
			savedAt[i] = &at
		}
		revs[i], seconds[i], flagged[i], sittings[i], holders[i], ns[i], was[i] = s.Rev, s.Seconds, s.Flagged, s.SittingID, c.holder, int64(s.N), c.was
	}
	out := make([]bool, k)
	var i int
	err := savesUpdate.eachRow(ctx, db, []any{answers, revs, savedAt, seconds, flagged, sittings, holders, ns, was}, []any{&i}, func() { out[i-1] = true })
	return out, err
}

// save goes alone where it was passed over, or two changes of one place met.
func (h *crowd) save(ctx context.Context, _ *gorm.DB, c placeChange) (saved bool, err error) {
	if saved, err = h.saves.answer(ctx, c); saved || err != nil {
		return saved, err
	}
	return h.singly.save(ctx, h.write, c)
}
