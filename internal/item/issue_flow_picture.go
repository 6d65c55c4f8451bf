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

// Picture is drawn from the key's cells, and the own cells of steps that stood elsewhere.
func (e IssueFlowExplained) Picture() FlowPicture {
	cells := map[flowCell][]FlowDot{}
	put := func(n int, kind string, lane, stage int) {
		c := flowCell{lane, stage}
		cells[c] = append(cells[c], FlowDot{N: n, Kind: kind})
	}
	for _, s := range e.Steps {
		put(s.N, s.Mark, s.Key.Lane, s.Key.Stage)
	}
	for _, s := range e.Steps {
		if lane, stage, ok := s.elsewhere(); ok {
			put(s.N, flowOwn, lane, stage)
		}
	}
	for _, s := range e.Excluded {
		if lane, stage, ok := s.elsewhere(); ok {
			put(s.N, s.Mark, lane, stage)
		}
	}
	p := FlowPicture{Columns: flowColumns(cells)}
	p.Width = 2*flowEdge + flowColumn*len(p.Columns)
	y := flowHead
	for i, name := range e.Lanes {
		rows := 1
		for _, c := range p.Columns {
			dots := cells[flowCell{i + 1, c.Stage}]
			rows = max(rows, len(dots))
			for row, dot := range dots {
				dot.X, dot.Y = c.X, y+flowName+row*flowRow+flowRow/2-2
				p.Dots = append(p.Dots, dot)
			}
		}
		p.Lanes = append(p.Lanes, FlowLane{Y: y, Height: flowName + rows*flowRow, Name: name})
		y += flowName + rows*flowRow + 4
	}
	p.Height = y
	e.drawLines(&p)
	return p
}

// elsewhere is where a step stood, if it stood anywhere and not where the key has it. A step whose order holds is in its place, whatever the stage is called.
func (s FlowStepExplained) elsewhere() (lane, stage int, ok bool) {
	lane, stage = s.Own.Lane, s.Own.Stage
	switch s.Mark {
	case flowRight, flowApart, flowMissing, flowLeft:
		return 0, 0, false
	case flowDepartment:
		stage = s.Key.Stage
	}
	return lane, stage, lane > 0
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

func (e IssueFlowExplained) drawLines(p *FlowPicture) {
	key, own := map[int]FlowDot{}, map[int]FlowDot{}
	for _, d := range p.Dots {
		if d.Kind == flowOwn {
			own[d.N] = d
		} else {
			key[d.N] = d
		}
	}
	for _, a := range e.Arrows {
		if a.Broken || !e.implied(a) {
			p.Links = append(p.Links, FlowLink{Path: linkPath(key[a.From], key[a.To]), Broken: a.Broken})
		}
	}
	slices.SortStableFunc(p.Links, func(x, y FlowLink) int { return cmp.Compare(has(x.Broken), has(y.Broken)) }) // what is broken lies on top
	for _, d := range p.Dots {
		if from, moved := own[d.N]; moved && d.Kind != flowOwn {
			p.Moves = append(p.Moves, FlowLink{Path: movePath(from, d)})
		}
	}
}

// implied reports whether an arrow follows from two others.
func (e IssueFlowExplained) implied(a FlowArrow) bool {
	return slices.ContainsFunc(e.Arrows, func(p FlowArrow) bool {
		return p.From == a.From && p.To != a.To && slices.ContainsFunc(e.Arrows, func(q FlowArrow) bool { return q.From == p.To && q.To == a.To })
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
