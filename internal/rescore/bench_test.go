package rescore_test

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"leida/assessments"
	"leida/internal/assessment"
	"leida/internal/exam"
	"leida/internal/item"
	"leida/internal/org"
	"leida/internal/profile"
	"leida/internal/rescore"
	"leida/internal/store"
	"leida/internal/text"
)

const papers = 20 // items of a sitting

// exam of twenty choices with texts and reasons of usual length, of which the first is corrected.
func big(t testing.TB, version int) *assessment.Library {
	t.Helper()
	model, err := assessments.FS.ReadFile("capability-model.yaml")
	if err != nil {
		t.Fatal(err)
	}
	files := fstest.MapFS{"model.yaml": {Data: model}, "form.yaml": {Data: []byte(fmt.Sprintf("schema: leida/assessment@1\nid: form\nversion: 1\nkind: cycle\ntitle: {zh: 测评}\nsections:\n  - {domain: AIC, weight: 1, draw: [{type: single_choice, n: %d}]}\n", papers))}}
	for i := range papers {
		id, v, key := fmt.Sprintf("item-%02d", i), 1, i%4
		if i == 0 {
			v, key = version, version%4
		}
		s := fmt.Sprintf(head, id, v, "single_choice", fmt.Sprintf("{sub: AIC.%d, w: 0.7}, {sub: AIC.%d, w: 0.3}", 1+i%4, 1+(i+1)%4), id) + "options:\n"
		for o := range 4 {
			s += fmt.Sprintf("  - {id: o%d, zh: 选项%d：%s, en: Option %d %s, why: {zh: 原因%d：%s, en: Reason %d %s}, key: %v}\n", o, o, strings.Repeat("先核对客户身份", 4), o, strings.Repeat("check the customer ", 5), o, strings.Repeat("依据规定第三条", 5), o, strings.Repeat("by rule three ", 6), o == key)
		}
		files[id+".yaml"] = &fstest.MapFile{Data: []byte(s)}
	}
	lib, report := assessment.Load(files, nil, nil)
	if lib == nil {
		var b strings.Builder
		report.Write(&b, text.EN)
		t.Fatal(b.String())
	}
	return lib
}

// crowd has n people sit the form.
func crowd(b *testing.B, n int) *centre {
	c := newCentre(b, 0)
	c.defs.offer(big(b, 1))
	as := c.assign()
	people := make(chan int)
	var side sync.WaitGroup
	for range 64 {
		side.Go(func() {
			for i := range people {
				p, err := c.st.CreatePerson(c.ctx, org.Person{Number: fmt.Sprint("A", i), Name: fmt.Sprint("安", i), JobProfile: "agent", ActiveFrom: noon.AddDate(-2, 0, 0)}, "", nil)
				c.ok(err)
				c.ok(c.st.MoveMember(c.ctx, p.ID, c.team, noon.AddDate(-1, 0, 0)))
				c.sitAll(p, as, i)
			}
		})
	}
	for i := range n {
		people <- i
	}
	close(people)
	side.Wait()
	return c
}

func (c *centre) sitAll(p org.Person, as exam.Assignment, luck int) {
	lib, v := c.defs.Current(), c.viewer(p)
	a, _ := lib.Assessment("form")
	x, err := c.st.StartSitting(c.ctx, v, as.ID, func(as exam.Assignment, factor float64, _ []string) (*exam.Sitting, []assessment.Source, error) {
		paper, err := lib.Draw(a, uint64(luck))
		if err != nil {
			return nil, nil, err
		}
		return exam.New(c.st.NewID(), v, as, a, paper, uint64(luck), factor, c.clock), lib.Pins(a, paper), nil
	})
	c.ok(err)
	_, err = c.st.UpdateSitting(c.ctx, v, x.ID, func(x *exam.Sitting) ([]profile.Evidence, error) {
		for i, slot := range x.Slots {
			it, _ := lib.ItemAt(slot.ItemHash)
			f, err := item.JSONFields([]byte(fmt.Sprintf(`{"choice":"o%d"}`, (luck+i*i)%4)))
			if err != nil {
				return nil, err
			}
			answer, err := it.Body.Parse(item.Plain(text.ZH), f)
			if err != nil {
				return nil, err
			}
			if err := x.Answer(exam.Save{N: i, Rev: 1, Answer: answer}, c.clock); err != nil {
				return nil, err
			}
		}
		return x.Submit("", bank{c.defs}, c.clock)
	})
	c.ok(err)
}

// processor is the time that this process has had of the processors.
func processor() time.Duration {
	u := usage()
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func usage() (u syscall.Rusage) {
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u) // of oneself it cannot fail
	return u
}

// large, where it is set, has BenchmarkRescore make 100,000 sittings as well, which takes a quarter of an hour before anything is measured.
const large = "LEIDA_BENCH_LARGE"

// BenchmarkRescore carries a corrected key through sittings of twenty items: what planning and applying take for each thousand of them, beside the goal of a second for both together, and what a
// result takes to keep. Processor time is what the work costs whatever else the machine does; peak-MB is the most memory that the whole process had, the making of the sittings among it.
func BenchmarkRescore(b *testing.B) {
	sizes := []int{1000, 10_000}
	if os.Getenv(large) != "" {
		sizes = append(sizes, 100_000)
	}
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			c := crowd(b, n)
			bytes, err := c.st.ResultBytes(c.ctx)
			c.ok(err)
			var wall, spent [2]time.Duration // of planning and of applying
			timed := func(what int, do func()) {
				start, before := time.Now(), processor()
				do()
				wall[what] += time.Since(start)
				spent[what] += processor() - before
			}
			for v := 2; b.Loop(); v++ {
				c.defs.offer(big(b, v))
				var r store.Rescoring
				timed(0, func() {
					var err error
					r, err = c.desk.Plan(c.ctx, rescore.Ask{Item: "item-00", Rule: exam.Current, Reason: "答案有误", By: store.AuditEntry{Actor: c.admin.ID}})
					c.ok(err)
					c.ok(c.desk.Work(c.ctx))
				})
				if r = c.at(r.ID); r.Counts.Changed != n {
					b.Fatalf("%+v", r)
				}
				timed(1, func() {
					c.ok(c.desk.Apply(c.ctx, r.ID, r.Digest, store.AuditEntry{}))
					c.ok(c.desk.Work(c.ctx))
				})
				if c.at(r.ID).State != store.Applied {
					b.Fatalf("%+v", c.at(r.ID))
				}
			}
			thousands := float64(b.N) * float64(n) / 1000
			report := func(name string, wall, spent time.Duration) {
				b.ReportMetric(float64(wall.Milliseconds())/thousands, name+"-ms/1000")
				b.ReportMetric(float64(spent.Milliseconds())/thousands, name+"-cpu-ms/1000")
			}
			report("plan", wall[0], spent[0])
			report("apply", wall[1], spent[1])
			report("both", wall[0]+wall[1], spent[0]+spent[1])
			b.ReportMetric(1000, "goal-both-ms/1000")
			b.ReportMetric(float64(bytes)/float64(n), "bytes/result")
			b.ReportMetric(float64(usage().Maxrss)/1024, "peak-MB")
			b.ReportMetric(0, "ns/op") // of one round, which says nothing beside these
		})
	}
}
