// Package demo makes the demonstration centre: people of different ability who sat the real assessments through the real engine. No score in it is written, every one is marked.
package demo

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"leida/internal/assessment"
	"leida/internal/fault"
	"leida/internal/org"
	"leida/internal/store"
)

// Config is what the centre is made from. The same seed, library and day make the same people, papers, answers and evidence, under the same ids.
type Config struct {
	Store        *store.Store
	Library      *assessment.Library // its assessments of kind cycle are sat
	Zone         *time.Location      // of the centre's days and quarters
	Now          time.Time           // the present; but for one sitting under way, all that has happened ended before its day
	Seed         uint64
	PasswordHash string // everybody's
	// Close freezes a cycle's profiles, as the page of cycles does.
	Close func(ctx context.Context, cycle org.Cycle, at time.Time) error
}

// Empty reports whether nobody is in the database yet.
func Empty(ctx context.Context, st *store.Store) (bool, error) {
	_, n, err := st.People(ctx, store.PeopleFilter{Page: store.Page{Limit: 1}})
	return n == 0, err
}

// Fill makes the centre. A database with people in it is a conflict. One that Fill leaves with an error is of no further use.
func Fill(ctx context.Context, c Config) error {
	switch empty, err := Empty(ctx, c.Store); {
	case err != nil:
		return err
	case !empty:
		return fault.New(fault.Conflict, "demo.not_empty")
	}
	f := &filler{Config: c, today: midnight(c.Now.In(c.Zone))}
	f.forms = cycleForms(c.Library)
	f.rounds = roundsUntil(f.Now, f.today, len(f.forms), c.Zone)
	for _, step := range []func(context.Context) error{f.makeTeams, f.makeStaff, f.makeAgents, f.assign, f.sitAll, f.lookAround, f.writeAudit, f.closeCycles} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// filler is a centre in the making.
type filler struct {
	Config
	today  time.Time // midnight
	forms  []form
	rounds []round

	tree    *org.Tree
	teams   map[string]org.Team   // by code
	staff   map[string]org.Person // by number
	agents  []*agent
	given   []given
	diaries []diary
	audit   []store.AuditEntry
}

// form is an assessment with the capability that it is mostly about, of whose forms it is the first, the second and so on.
type form struct {
	*assessment.Assessment
	capability string
	rank       int  // from 0
	last       bool // of its capability's
}

// cycleForms are what is sat in every round, in the order in which it is: the first form of every capability, then the second.
func cycleForms(lib *assessment.Library) []form {
	var out []form
	latest := map[string]int{} // capability -> index of its newest form
	for _, a := range lib.Assessments {
		if a.Kind != "cycle" || len(a.Sections) == 0 {
			continue
		}
		x := form{Assessment: a, last: true}
		x.capability, _, _ = strings.Cut(a.Sections[0].Domain, ".")
		if i, ok := latest[x.capability]; ok {
			out[i].last = false
			x.rank = out[i].rank + 1
		}
		latest[x.capability] = len(out)
		out = append(out, x)
	}
	slices.SortStableFunc(out, func(x, y form) int { return cmp.Compare(x.rank, y.rank) })
	return out
}

// closeCycles freezes what is over, the oldest first, as each change is measured from the one before.
func (f *filler) closeCycles(ctx context.Context) error {
	for _, r := range f.rounds {
		if r.closing.IsZero() {
			continue
		}
		if err := f.Close(ctx, r.cycle, r.closing); err != nil {
			return err
		}
	}
	return nil
}

// rand is a stream of its own for each purpose, so that nothing depends on the order in which agents sit.
func (f *filler) rand(purpose ...string) *rand.Rand {
	sum := f.digest(purpose)
	return rand.New(rand.NewPCG(binary.LittleEndian.Uint64(sum[:]), binary.LittleEndian.Uint64(sum[8:])))
}

var idLetters = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// id looks like those of the store and is the same every time.
func (f *filler) id(of ...string) string {
	sum := f.digest(append([]string{"id"}, of...))
	return idLetters.EncodeToString(sum[:16])
}

func (f *filler) digest(words []string) [32]byte {
	b := binary.LittleEndian.AppendUint64(nil, f.Seed)
	return sha256.Sum256(append(b, strings.Join(words, "\x00")...))
}
