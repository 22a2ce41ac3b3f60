package worker

import (
	"sync"

	"netsplit/kernel/pipe"
	"netsplit/kernel/rt"
)

// cells are those that run, or of which goroutines live.
type cells struct {
	mu     sync.Mutex
	byCell map[int]*cellRuns
}

// cellRuns are the runs of one cell: one for each function of it that was called.
type cellRuns struct {
	owners  []*rt.Owner
	running int  // functions that have not returned
	told    bool // the kernel knows that goroutines are left
	stdin   bool // the front end answers questions
}

// begin notes a run before it starts.
func (c *cells) begin(cell int, o *rt.Owner, stdin bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.byCell[cell]
	if r == nil {
		r = &cellRuns{}
		c.byCell[cell] = r
	}
	r.owners = append(r.owners, o)
	r.running++
	r.stdin = stdin
}

// end notes that a run's main goroutine is over and calls done with the number of
// goroutines that are left, before anybody can tell that they are over too.
func (c *cells) end(cell int, done func(live int)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.byCell[cell]
	r.running--
	live := r.live()
	done(live)
	if live > 0 {
		r.told = true
	} else if r.running == 0 {
		delete(c.byCell, cell)
	}
}

// ended is called after a goroutine of a cell ended; over is called when it was
// the last of a cell whose functions have returned.
func (c *cells) ended(cell int, over func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.byCell[cell]
	if r == nil || r.running > 0 || r.live() > 0 {
		return
	}
	delete(c.byCell, cell)
	if r.told {
		over()
	}
}

// live counts the goroutines of a cell.
func (r *cellRuns) live() int {
	n := 0
	for _, o := range r.owners {
		n += o.Live()
	}
	return n
}

// stop stops the goroutines of a cell, or of all cells when cell is 0.
func (c *cells) stop(cell int, why func() *rt.Failure) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for number, r := range c.byCell {
		if cell == 0 || cell == number {
			for _, o := range r.owners {
				o.Stop(why())
			}
		}
	}
}

// mayAsk tells whether the front end of a cell's request answers questions.
func (c *cells) mayAsk(cell int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.byCell[cell]
	return r != nil && r.stdin
}

// largest is the cell with the most goroutines, and how many it has.
func (c *cells) largest() (cell, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for number, r := range c.byCell {
		live := r.live()
		if live > n || live == n && number > cell {
			cell, n = number, live
		}
	}
	return cell, n
}

// failure is a failure as it goes over the pipe.
func failure(f *rt.Failure) *pipe.Failure {
	if f == nil {
		return nil
	}
	out := &pipe.Failure{Name: f.Name, Text: f.Text, Code: f.Code, Frames: []pipe.Frame{}}
	for _, frame := range f.Frames {
		out.Frames = append(out.Frames, pipe.Frame{Func: frame.Func, Pos: frame.Pos})
	}
	out.Waiting = goroutines(f.Waiting)
	return out
}

func goroutines(list []rt.Goroutine) []pipe.Goroutine {
	var out []pipe.Goroutine
	for _, g := range list {
		out = append(out, pipe.Goroutine{ID: g.ID, Cell: g.Cell, Pos: g.Pos, State: g.State})
	}
	return out
}
