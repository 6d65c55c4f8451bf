package stats

// patterns are the different answer patterns of persons. The items are cut into blocks with few enough different sub-patterns for a byte, so that sums over a person's items are
// sums over the blocks, from tables of the blocks' sub-patterns: exact, and several times fewer terms.
type patterns struct {
	blocks []itemBlock
	codes  []uint8   // pattern by pattern, a sub-pattern a block
	count  []float64 // how many persons have a pattern
	n      float64   // persons with an answer; those without any are left out
}

// itemBlock are the items from first up to end, and their sub-patterns that occur: rows base, base+1 ... of the tables.
type itemBlock struct {
	first, end, base int
	rows             [][]int8
}

// itemBlockRows is the most sub-patterns of a block.
const itemBlockRows = 256

// of are the sub-patterns of a pattern, one a block.
func (p *patterns) of(i int) []uint8 {
	k := len(p.blocks)
	return p.codes[i*k : (i+1)*k]
}

// rows is how many sub-patterns the blocks have together.
func (p *patterns) rows() int {
	last := p.blocks[len(p.blocks)-1]
	return last.base + len(last.rows)
}

// patterns are those of the persons with an answer, in the order in which they first occur. A block takes in one item after the other as long as its sub-patterns are few enough.
func (a *Answers) patterns() *patterns {
	p, persons := &patterns{}, a.Persons()
	var columns [][]uint8 // by block, a code a person
	for first := 0; first < len(a.Names); {
		b := itemBlock{first: first, end: first}
		if k := len(p.blocks); k > 0 {
			b.base = p.rows()
		}
		column, longer := make([]uint8, persons), make([]uint8, persons)
		for b.end < len(a.Names) {
			of, ok := a.refine(column, longer, b.end)
			if !ok {
				break
			}
			column, longer = longer, column
			b.end++
			b.rows = b.rows[:0]
			for _, person := range of {
				b.rows = append(b.rows, a.Of(person)[b.first:b.end])
			}
		}
		p.blocks, columns, first = append(p.blocks, b), append(columns, column), b.end
	}
	seen, key := map[string]int{}, make([]byte, len(columns))
	for person := range persons {
		if unanswered(a.Of(person)) {
			continue
		}
		for k, column := range columns {
			key[k] = column[person]
		}
		i, known := seen[string(key)]
		if !known {
			i = len(p.count)
			seen[string(key)] = i
			p.codes, p.count = append(p.codes, key...), append(p.count, 0)
		}
		p.count[i]++
		p.n++
	}
	return p
}

// refine numbers the pairs of a person's code and its answer to item j, from 0 as they first occur, into out, and names a person with each. ok is false where they are more than a
// block may have.
func (a *Answers) refine(codes, out []uint8, j int) (of []int, ok bool) {
	const answers = MaxCategories + 1
	var numbers [itemBlockRows * answers]int // 0 for a pair that did not occur yet
	for i, code := range codes {
		n := &numbers[int(code)*answers+int(a.cells[i*len(a.Names)+j])+1]
		if *n == 0 {
			if len(of) == itemBlockRows {
				return nil, false
			}
			of = append(of, i)
			*n = len(of)
		}
		out[i] = uint8(*n - 1)
	}
	return of, true
}

func unanswered(answers []int8) bool {
	for _, c := range answers {
		if c != absent {
			return false
		}
	}
	return true
}
