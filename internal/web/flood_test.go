package web_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"leida/internal/web"
)

// hurried is the server with its limits of time made short, so that a test need not wait for them.
func (w *world) hurried(header, whole time.Duration) {
	w.t.Helper()
	h := w.srv.HTTP(w.ctx)
	if h.ReadHeaderTimeout <= 0 || h.ReadTimeout <= 0 {
		w.t.Fatal("the server waits for ever")
	}
	h.ReadHeaderTimeout, h.ReadTimeout = header, whole
	w.http = httptest.NewUnstartedServer(w.srv.Handler())
	w.http.Config = h
	w.http.Start()
	w.t.Cleanup(w.http.Close)
}

// saver is an agent in a sitting who saves one answer again and again.
type saver struct {
	c    *client
	path string
	rev  int
}

func (w *world) savers(n int) []*saver {
	w.t.Helper()
	a := w.assign("aic-cycle", w.root)
	var out []*saver
	for i := range n {
		who := w.agent(fmt.Sprintf("F%02d", i), fmt.Sprintf("答题人%d", i), w.east)
		c := w.as(who)
		out = append(out, &saver{c: c, path: w.kindAt(who, c.start(a), "single_choice")})
	}
	return out
}

// save saves once; it must be acknowledged.
func (s *saver) save() error {
	s.rev++
	body := fmt.Sprintf(`{"rev":%d,"answer":{"choice":"o%d"}}`, s.rev, s.rev%3+1)
	r, err := http.NewRequest(http.MethodPost, s.c.w.http.URL+s.path, strings.NewReader(body))
	if err != nil {
		return err
	}
	for k, v := range s.c.cookies {
		r.AddCookie(&http.Cookie{Name: k, Value: v})
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	res, err := s.c.w.http.Client().Do(r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK || !strings.Contains(string(raw), fmt.Sprintf(`"rev":%d,`, s.rev)) {
		return fmt.Errorf("save %d: %d %s %w", s.rev, res.StatusCode, raw, err)
	}
	return nil
}

// saveAll has each saver save so often, all at once, and fails for what was not acknowledged or is not there.
func saveAll(t *testing.T, savers []*saver, times int) {
	t.Helper()
	var all sync.WaitGroup
	for _, s := range savers {
		all.Go(func() {
			for range times {
				if err := s.save(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	for _, s := range savers {
		if n := s.c.w.count(fmt.Sprintf("SELECT count(*) FROM slots WHERE rev = %d AND sitting_id = '%s'", s.rev, strings.Split(s.path, "/")[2])); n != 1 {
			t.Errorf("%s: revision %d is not kept", s.path, s.rev)
		}
	}
}

// TestSlowClients holds many connections open by saying little: heads that never end, bodies that never come. Answers are saved all the while, and each of
// the slow is shown the door in the end.
func TestSlowClients(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.hurried(2*time.Second, 3*time.Second)
	savers := w.savers(4)
	at, err := url.Parse(w.http.URL)
	w.ok(err)
	var slow []net.Conn
	for i := range 150 {
		c, err := net.Dial("tcp", at.Host)
		w.ok(err)
		t.Cleanup(func() { c.Close() })
		switch i % 3 {
		case 0:
			_, err = io.WriteString(c, "GET /login HTTP/1.1\r\nHost: leida.example\r\nX-Slow: ")
		case 1:
			_, err = io.WriteString(c, "POST /login HTTP/1.1\r\nHost: leida.example\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 200000\r\n\r\nname=A")
		case 2:
			_, err = io.WriteString(c, "POST "+savers[i%4].path+" HTTP/1.1\r\nHost: leida.example\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nCookie: leida_session="+savers[i%4].c.cookies["leida_session"]+"\r\n\r\n5\r\n{\"rev\r\n")
		}
		w.ok(err)
		slow = append(slow, c)
	}
	saveAll(t, savers, 25)
	for i, c := range slow {
		w.ok(c.SetReadDeadline(time.Now().Add(time.Minute))) // far beyond the server's own
		r := bufio.NewReader(c)
		for err == nil {
			_, err = r.ReadByte()
		}
		if errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatalf("slow client %d is still let sit", i)
		}
		err = nil
	}
	saveAll(t, savers, 1)
}

// endless is a body without an end, counted as it is read.
type endless struct{ sent *atomic.Int64 }

func (e endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = 'x'
	}
	e.sent.Add(int64(len(b)))
	return len(b), nil
}

// TestFlood asks for the heaviest pages and sends bodies without an end, many at once, for as long as a number of answers takes to be saved: each of those
// is acknowledged and kept, whatever else is asked is answered or turned away in words, and memory stays bounded. It counts; it times nothing.
func TestFlood(t *testing.T) { // not parallel: it looks at the memory of the process
	defer debug.SetGCPercent(debug.SetGCPercent(100))
	w, people := teamOfSeven(t)
	savers := w.savers(4)
	for i := range 40 {
		w.agent(fmt.Sprintf("G%02d", i), fmt.Sprintf("人多%d", i), w.east)
	}
	lead, admin, trainer := w.as(w.eve), w.as(w.ada), w.as(w.tess)
	var sent, asked, turned atomic.Int64
	stop := make(chan struct{})
	var flood sync.WaitGroup
	statuses := map[int]bool{200: true, 303: true, 400: true, 401: true, 413: true, 415: true, 422: true, 429: true, 503: true}
	again := func(do func() (*http.Response, error)) {
		flood.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				res, err := do()
				if err != nil { // the server hung up on a body over the limit
					turned.Add(1)
					continue
				}
				_, _ = io.Copy(io.Discard, res.Body)
				res.Body.Close()
				asked.Add(1)
				if !statuses[res.StatusCode] {
					t.Errorf("%s: %d", res.Request.URL.Path, res.StatusCode)
				}
			}
		})
	}
	ask := func(c *client, method, path, kind string, body func() io.Reader) {
		again(func() (*http.Response, error) {
			var in io.Reader
			if body != nil {
				in = body()
			}
			r, err := http.NewRequest(method, w.http.URL+path, in)
			if err != nil {
				return nil, err
			}
			for k, v := range c.cookies {
				r.AddCookie(&http.Cookie{Name: k, Value: v})
			}
			r.Header.Set("Content-Type", kind)
			r.Header.Set("Sec-Fetch-Site", "same-origin")
			return w.http.Client().Transport.RoundTrip(r)
		})
	}
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for range 2 {
		for _, path := range []string{"/teams/" + w.east, "/teams", "/teams/" + w.east + "/scores.csv", "/teams/" + w.east + "/radar.svg", "/people/" + people[0].ID} {
			ask(lead, http.MethodGet, path, "", nil)
		}
		ask(trainer, http.MethodGet, "/bank/report", "", nil)
		form := "application/x-www-form-urlencoded"
		ask(w.anybody(), http.MethodPost, "/login", form, func() io.Reader { return io.MultiReader(strings.NewReader("name="), endless{&sent}) })
		ask(savers[0].c, http.MethodPost, savers[0].path, "application/json", func() io.Reader {
			return io.MultiReader(strings.NewReader(`{"rev":1,"answer":{"choice":"`), endless{&sent})
		})
		ask(trainer, http.MethodPost, "/assignments", form, func() io.Reader { return io.MultiReader(strings.NewReader("people="), endless{&sent}) })
		ask(admin, http.MethodPost, "/admin/roster", "multipart/form-data; boundary=x", func() io.Reader {
			return io.MultiReader(strings.NewReader("--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n"), endless{&sent})
		})
		ask(admin, http.MethodPost, "/admin/roster", form, func() io.Reader { return io.MultiReader(strings.NewReader("again="), endless{&sent}) })
	}
	var peak uint64
	watching := make(chan struct{})
	go func() {
		defer close(watching)
		for {
			select {
			case <-stop:
				return
			case <-time.After(5 * time.Millisecond):
				runtime.ReadMemStats(&now)
				peak = max(peak, now.HeapInuse)
			}
		}
	}()
	for asked.Load() == 0 { // the flood has come
		runtime.Gosched()
	}
	saveAll(t, savers, 15)
	close(stop)
	flood.Wait()
	<-watching
	const most = 256 << 20 // four uploads of 8 MiB at once, each some times over while it is taken apart, and the pages
	if peak > before.HeapInuse+most {
		t.Errorf("memory rose by %d MiB", (peak-before.HeapInuse)>>20)
	}
	if asked.Load()+turned.Load() < 20 {
		t.Errorf("only %d requests were in the flood", asked.Load()+turned.Load())
	}
	w.anybody().get("/login").is(200)
	t.Logf("%d answered, %d hung up on, %d MiB sent, memory rose by %d MiB", asked.Load(), turned.Load(), sent.Load()>>20, (max(peak, before.HeapInuse)-before.HeapInuse)>>20)
	polite(t, web.Route{}, lead.get("/nothing"))
}
