package item

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// FlowPicture is the key's board with the own one over it, in units of its own: a lane for each department, a column for each stage, a numbered dot for each step.
type FlowPicture struct {
	Width, Height int
	Columns       []FlowColumn
	Lanes         []FlowLane
	Links         []FlowLink // of the key: what waits for what
	Moves         []FlowLink // from where a step was to where it belongs
	Dots          []FlowDot
}

// FlowColumn is a stage; X is its middle.
type FlowColumn struct{ X, Stage int }

// FlowLane is a department.
type FlowLane struct {
	Y, Height int
	Name      string
}

// FlowLink is the path of a line.
type FlowLink struct {
	Path   string
	Broken bool
}

// FlowDot is a step in a cell. Kind is the step's mark where the key has it, own where the person had it.
type FlowDot struct {
	X, Y, N int
	Kind    string
}

const (
	flowColumn = 42 // width of a stage
	flowRow    = 27 // height of a dot's place
	flowRadius = 11
	flowHead   = 24 // height of the stages' numbers
	flowName   = 19 // height of a department's name
	flowEdge   = 10
	flowOwn    = "own"
)

type flowCell struct{ lane, stage int }

// picture is drawn from the key's cells, and the own cells of steps that stood elsewhere.
func (r *flowReview) picture() FlowPicture {
	_, departments := r.decks(r.v)
	lane := func(id string) int { return slices.IndexFunc(departments, func(c Card) bool { return c.ID == id }) }
	cells := map[flowCell][]FlowDot{}
	put := func(id, department, kind string, stage int) {
		c := flowCell{lane(department), stage}
		cells[c] = append(cells[c], FlowDot{N: r.number[id], Kind: kind})
	}
	for _, id := range r.order {
		if department, ok := r.Key.Assign[id]; ok {
			put(id, department, r.marks[id], r.key[id])
		}
	}
	for _, id := range r.order {
		if department, stage, ok := r.ownCell(id); ok {
			kind := flowOwn
			if _, assigned := r.Key.Assign[id]; !assigned {
				kind = r.marks[id]
			}
			put(id, department, kind, stage)
		}
	}
	p := FlowPicture{Columns: flowColumns(cells)}
	p.Width = 2*flowEdge + flowColumn*len(p.Columns)
	x := map[int]int{}
	for _, c := range p.Columns {
		x[c.Stage] = c.X
	}
	y := flowHead
	for i, d := range departments {
		rows := 1
		for _, c := range p.Columns {
			rows = max(rows, len(cells[flowCell{i, c.Stage}]))
		}
		p.Lanes = append(p.Lanes, FlowLane{Y: y, Height: flowName + rows*flowRow, Name: find(r.Departments, d.ID).Text.In(r.v.Lang)})
		for _, c := range p.Columns {
			for row, dot := range cells[flowCell{i, c.Stage}] {
				dot.X, dot.Y = x[c.Stage], y+flowName+row*flowRow+flowRow/2-2
				p.Dots = append(p.Dots, dot)
			}
		}
		y += flowName + rows*flowRow + 4
	}
	p.Height = y
	r.drawLines(&p)
	return p
}

// ownCell is where a step stood, if it stood anywhere and not where the key has it. A step whose order holds is in its place, whatever the stage is called.
func (r *flowReview) ownCell(id string) (department string, stage int, ok bool) {
	department, stage = r.a.Dept[id], r.a.Stage[id]
	switch r.marks[id] {
	case flowRight, flowApart, flowMissing, flowLeft:
		return "", 0, false
	case flowDepartment:
		stage = r.key[id]
	}
	return department, stage, department != ""
}

// flowColumns are the stages that hold anything, in order.
func flowColumns(cells map[flowCell][]FlowDot) []FlowColumn {
	var stages []int
	for c := range cells {
		stages = append(stages, c.stage)
	}
	slices.Sort(stages)
	var out []FlowColumn
	for i, s := range slices.Compact(stages) {
		out = append(out, FlowColumn{X: flowEdge + i*flowColumn + flowColumn/2, Stage: s})
	}
	return out
}

func (r *flowReview) drawLines(p *FlowPicture) {
	key, own := map[int]FlowDot{}, map[int]FlowDot{}
	for _, d := range p.Dots {
		if d.Kind == flowOwn {
			own[d.N] = d
		} else {
			key[d.N] = d
		}
	}
	broken := r.wrongPairs()
	for _, pair := range r.Key.Before {
		cut := slices.ContainsFunc(broken, func(p []string) bool { return slices.Equal(p, pair) })
		if !cut && r.implied(pair) {
			continue
		}
		p.Links = append(p.Links, FlowLink{Path: linkPath(key[r.number[pair[0]]], key[r.number[pair[1]]]), Broken: cut})
	}
	slices.SortStableFunc(p.Links, func(x, y FlowLink) int { return cmp.Compare(has(x.Broken), has(y.Broken)) }) // what is broken lies on top
	for _, d := range p.Dots {
		if from, moved := own[d.N]; moved && d.Kind != flowOwn {
			p.Moves = append(p.Moves, FlowLink{Path: movePath(from, d)})
		}
	}
}

// implied reports whether a pair follows from two others.
func (r *flowReview) implied(pair []string) bool {
	return slices.ContainsFunc(r.Key.Before, func(p []string) bool {
		return p[0] == pair[0] && p[1] != pair[1] && slices.ContainsFunc(r.Key.Before, func(q []string) bool { return q[0] == p[1] && q[1] == pair[1] })
	})
}

// linkPath is a line that leaves to the right and arrives from the left, with a head.
func linkPath(from, to FlowDot) string {
	x1, x2 := from.X+flowRadius, to.X-flowRadius-2
	bend := max(10, (x2-x1)/2)
	return fmt.Sprintf("M%d %dC%d %d %d %d %d %dm-5 -4l5 4l-5 4", x1, from.Y, x1+bend, from.Y, x2-bend, to.Y, x2, to.Y)
}

// movePath is a straight line from rim to rim, with a head.
func movePath(from, to FlowDot) string {
	dx, dy := float64(to.X-from.X), float64(to.Y-from.Y)
	length := math.Hypot(dx, dy)
	dx, dy = dx/length, dy/length
	at := func(d FlowDot, along float64) (int, int) {
		return int(math.Round(float64(d.X) + along*dx)), int(math.Round(float64(d.Y) + along*dy))
	}
	x1, y1 := at(from, flowRadius+1)
	x2, y2 := at(to, -flowRadius-2)
	wing := func(side float64) (int, int) {
		return int(math.Round(-5*dx - side*4*dy)), int(math.Round(-5*dy + side*4*dx))
	}
	ax, ay := wing(1)
	bx, by := wing(-1)
	return fmt.Sprintf("M%d %dL%d %dm%d %dl%d %dl%d %d", x1, y1, x2, y2, ax, ay, -ax, -ay, bx, by)
}
