package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
	_ "github.com/mattn/go-sqlite3" // the bare driver, without what leida's store puts around it
)

// The ceilings are what the machine can do at all: the same requests to gin that answers nothing, to gin that only makes one row durable, the same rows
// without HTTP, and the disk alone.
const (
	ceilingGin    = "gin"    // reads the request and answers {}
	ceilingCommit = "commit" // upserts the body into one table like slots, in group commits with synchronous FULL, and nothing else
)

// collectAt is when the collector starts, in percent of what is live: as in leida, which sets it so.
const collectAt = 300

// serveCeiling is the ceiling's own process. It listens on loopback alone until the context ends.
func serveCeiling(ctx context.Context, kind, addr, dir string) error {
	if err := onLoopback(addr); err != nil {
		return err
	}
	debug.SetGCPercent(collectAt)
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.GET("/readyz", func(c *gin.Context) { c.Status(http.StatusOK) })
	switch kind {
	case ceilingGin:
		engine.POST("/sittings/:sitting/items/:n", func(c *gin.Context) {
			if _, err := c.GetRawData(); err != nil {
				c.Status(http.StatusBadRequest)
				return
			}
			c.Data(http.StatusOK, "application/json", []byte("{}"))
		})
	case ceilingCommit:
		g, err := openGroup(filepath.Join(dir, "ceiling.db"))
		if err != nil {
			return err
		}
		defer g.close()
		engine.POST("/sittings/:sitting/items/:n", func(c *gin.Context) {
			body, err := c.GetRawData()
			if err == nil {
				err = g.upsert(c.Param("sitting"), c.Param("n"), string(body))
			}
			if err != nil {
				c.Status(http.StatusInternalServerError)
				return
			}
			c.Data(http.StatusOK, "application/json", []byte("{}"))
		})
	default:
		return fmt.Errorf("no ceiling is called %q", kind)
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: engine, ReadHeaderTimeout: 10 * time.Second}
	stopped := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stopped()
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// onLoopback refuses any other address: what is measured is one's own machine.
func onLoopback(addr string) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return err
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return fmt.Errorf("%s is not on loopback (127.0.0.1 or ::1)", addr)
	}
	return nil
}

// group is the least that makes rows durable: one connection, and one transaction for all who wait.
type group struct {
	db     *sql.DB
	insert *sql.Stmt
	jobs   chan row
	done   sync.WaitGroup
}

type row struct {
	sitting, n, answer string
	reply              chan error
}

const mostTogether = 256 // rows in one commit, as leida's

func openGroup(path string) (*group, error) {
	db, err := sql.Open("sqlite3", "file:"+path+"?_journal_mode=WAL&_synchronous=FULL&_foreign_keys=1&_mutex=no&_txlock=immediate&_cache_size=-4000")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	if _, err := db.Exec("PRAGMA wal_autocheckpoint = 4000"); err != nil { // as leida's
		return nil, errors.Join(err, db.Close())
	}
	if _, err := db.Exec("CREATE TABLE IF NOT EXISTS slots (sitting_id TEXT NOT NULL, n TEXT NOT NULL, answer TEXT, rev INTEGER NOT NULL, PRIMARY KEY (sitting_id, n)) STRICT"); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	insert, err := db.Prepare("INSERT INTO slots (sitting_id, n, answer, rev) VALUES (?, ?, ?, 1) ON CONFLICT (sitting_id, n) DO UPDATE SET answer = excluded.answer, rev = rev + 1")
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	g := &group{db: db, insert: insert, jobs: make(chan row, 4*mostTogether)}
	g.done.Go(g.run)
	return g, nil
}

// upsert returns when the row is on the disk.
func (g *group) upsert(sitting, n, answer string) error {
	r := row{sitting, n, answer, make(chan error, 1)}
	g.jobs <- r
	return <-r.reply
}

func (g *group) run() {
	for first := range g.jobs {
		batch := []row{first}
		for more := true; more && len(batch) < mostTogether; {
			select {
			case r, ok := <-g.jobs:
				if more = ok; ok {
					batch = append(batch, r)
				}
			default:
				more = false
			}
		}
		err := g.commit(batch)
		for _, r := range batch {
			r.reply <- err
		}
	}
}

func (g *group) commit(batch []row) error {
	tx, err := g.db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	insert := tx.Stmt(g.insert)
	for _, r := range batch {
		if _, err := insert.Exec(r.sitting, r.n, r.answer); err != nil {
			return err
		}
	}
	return tx.Commit()
}

func (g *group) close() error {
	close(g.jobs)
	g.done.Wait()
	return g.db.Close()
}

// commitsAlone is rows a second without HTTP, with so many who wait at a time.
func commitsAlone(path string, waiting int, d time.Duration) (float64, error) {
	g, err := openGroup(path)
	if err != nil {
		return 0, err
	}
	const answer = "_rev=12&pairs%5Bl1%5D=r2&pairs%5Bl2%5D=r3" // as long as what the generator sends
	start := time.Now()
	end := start.Add(d)
	counts, errs := make([]int, waiting), make([]error, waiting)
	var all sync.WaitGroup
	for w := range waiting {
		all.Go(func() {
			for i := 0; time.Now().Before(end) && errs[w] == nil; i++ {
				errs[w] = g.upsert(fmt.Sprintf("sitting-%05d-of-26-letters", w), fmt.Sprint(i%12), answer)
				counts[w]++
			}
		})
	}
	all.Wait()
	took := time.Since(start)
	n := 0
	for _, k := range counts {
		n += k
	}
	return float64(n) / took.Seconds(), errors.Join(errors.Join(errs...), g.close())
}

// syncsAlone is writes of one database page made durable a second, one after the other.
func syncsAlone(path string, d time.Duration) (float64, error) {
	f, err := os.Create(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	page := make([]byte, 4096)
	start := time.Now()
	n := 0
	for ; time.Since(start) < d; n++ {
		if _, err := f.Write(page); err != nil {
			return 0, err
		}
		if err := f.Sync(); err != nil {
			return 0, err
		}
	}
	return float64(n) / time.Since(start).Seconds(), nil
}
