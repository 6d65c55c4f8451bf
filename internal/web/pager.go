package web

import (
	"strconv"

	"github.com/gin-gonic/gin"
)

// pager is where a long list stands.
type pager struct {
	Page, Pages, Total int
	Prev, Next         string // addresses; empty at the ends
}

// mostPage keeps what a person may ask for far from overflow.
const mostPage = 100_000

// pageNumber is ?page=, from 1; nonsense is the first page.
func pageNumber(c *gin.Context) int {
	n, err := strconv.Atoi(c.Query("page"))
	if err != nil || n < 1 {
		return 1
	}
	return min(n, mostPage)
}

func newPager(page, total, per int, base string) pager {
	p := pager{Page: page, Total: total, Pages: max(1, (total+per-1)/per)}
	if page > 1 {
		p.Prev = base + "page=" + strconv.Itoa(page-1)
	}
	if page < p.Pages {
		p.Next = base + "page=" + strconv.Itoa(page+1)
	}
	return p
}
