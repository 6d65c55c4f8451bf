package profile_test

import (
	"fmt"
	"testing"

	"leida/internal/profile"
)

// history is so many records of one person, spread over the model, the sources and a year.
func history(records int) []profile.Evidence {
	subs := customerService().Subs()
	es := make([]profile.Evidence, records)
	for i := range es {
		e := aged(float64(i*365)/float64(records), test(subs[i%len(subs)].ID, fmt.Sprintf("item-of-some-kind-%04d", i*7919%records), float64(30+i*37%70), 1.5))
		es[i] = of(profile.Sources[i%7%len(profile.Sources)], e)
		es[i].SittingID = fmt.Sprint("sitting-", i/10)
	}
	return es
}

func BenchmarkOf200(b *testing.B) {
	m, es := customerService(), history(200)
	b.ReportAllocs()
	for b.Loop() {
		profile.Of(m, rules, es, today, profile.Options{Role: "senior_agent"})
	}
}

func BenchmarkEstimateSub20(b *testing.B) {
	es := history(20)
	b.ReportAllocs()
	for b.Loop() {
		profile.EstimateSub(rules, es, today)
	}
}

func benchmarkTeam(b *testing.B, size int) {
	m, members := customerService(), make([]profile.Member, size)
	for i := range members {
		members[i] = profile.Member{Person: fmt.Sprint(i), Profile: profile.Of(m, rules, history(60+i%140), today, profile.Options{Role: "agent"})}
	}
	b.ReportAllocs()
	b.ResetTimer()
	for b.Loop() {
		profile.Team(m, rules, members)
	}
}

func BenchmarkTeam14(b *testing.B)  { benchmarkTeam(b, 14) }
func BenchmarkTeam500(b *testing.B) { benchmarkTeam(b, 500) }
