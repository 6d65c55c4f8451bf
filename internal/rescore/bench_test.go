package rescore_test

import (
	"flag"
	"fmt"
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

var most = flag.Int("sittings", 10_000, "the most sittings that BenchmarkRescore makes, such as 100000")

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
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkRescore carries a corrected key through sittings of twenty items: what planning and applying take, and what a result takes to keep.
func BenchmarkRescore(b *testing.B) {
	for n := 1000; n <= *most; n *= 10 {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			c := crowd(b, n)
			bytes, err := c.st.ResultBytes(c.ctx)
			c.ok(err)
			for v := 2; b.Loop(); v++ {
				c.defs.offer(big(b, v))
				r, err := c.desk.Plan(c.ctx, rescore.Ask{Item: "item-00", Rule: exam.Current, Reason: "答案有误", By: store.AuditEntry{Actor: c.admin.ID}})
				c.ok(err)
				start, spent := time.Now(), processor()
				c.ok(c.desk.Work(c.ctx))
				planned := time.Now()
				r = c.at(r.ID)
				if r.Counts.Changed != n {
					b.Fatalf("%+v", r)
				}
				c.ok(c.desk.Apply(c.ctx, r.ID, r.Digest, store.AuditEntry{}))
				c.ok(c.desk.Work(c.ctx))
				if c.at(r.ID).State != store.Applied {
					b.Fatalf("%+v", c.at(r.ID))
				}
				b.ReportMetric(float64(n)/planned.Sub(start).Seconds(), "planned/s")
				b.ReportMetric(float64(n)/time.Since(planned).Seconds(), "applied/s")
				b.ReportMetric((processor()-spent).Seconds()*1e6/float64(n), "cpu-µs/sitting") // of both, whatever else the machine does
			}
			b.ReportMetric(float64(bytes)/float64(n), "bytes/result")
			b.ReportMetric(float64(bytes)/float64(n)/papers, "bytes/item")
		})
	}
}
