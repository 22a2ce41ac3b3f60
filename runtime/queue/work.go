package queue

import (
	"fmt"
	"slices"
	"time"

	"netsplit/runtime/sim"
)

// Work is a queue of jobs at a node. Each world has its own.
type Work struct {
	// Server is the program of the node that keeps the jobs. They survive its crashes.
	Server func(node *sim.Node)

	Dead []string // jobs that were tried too often

	visibility time.Duration
	most       int
	forget     bool // wrong: TakeRemoves
	made       int
	jobs       []*job
}

type job struct {
	number int
	text   string
	tries  int
	hidden time.Duration // until when nobody else gets it
}

// WorkOption is a property of a queue of work.
type WorkOption func(*Work)

// Visibility is how long a job that was taken is hidden from others. The default is
// 30 s.
func Visibility(d time.Duration) WorkOption { return func(w *Work) { w.visibility = d } }

// MostTries is how often a job is given to somebody before it goes to the dead letters.
// The default is no limit.
func MostTries(n int) WorkOption { return func(w *Work) { w.most = n } }

// NewWork makes a queue of work.
func NewWork(options ...WorkOption) *Work {
	w := &Work{visibility: 30 * time.Second}
	for _, o := range options {
		o(w)
	}
	w.Server = func(node *sim.Node) {
		node.Handle("put", func(r *sim.Request) {
			w.made++
			w.jobs = append(w.jobs, &job{number: w.made, text: r.Text("job")})
			r.Reply("ok")
		})
		node.Handle("take", func(r *sim.Request) {
			if j := w.next(node); j != nil {
				if w.forget {
					w.remove(j.number)
				}
				r.Reply("job", "number", j.number, "is", j.text, "try", j.tries)
			} else {
				r.Reply("empty")
			}
		})
		node.Handle("done", func(r *sim.Request) {
			w.remove(r.Int("number"))
			r.Reply("ok")
		})
	}
	return w
}

func (w *Work) remove(number int) {
	w.jobs = slices.DeleteFunc(w.jobs, func(j *job) bool { return j.number == number })
}

// next is the oldest job that is not hidden.
func (w *Work) next(node *sim.Node) *job {
	for i := 0; i < len(w.jobs); i++ {
		j := w.jobs[i]
		if j.tries > 0 && node.Now() < j.hidden {
			continue
		}
		if w.most > 0 && j.tries == w.most {
			w.Dead = append(w.Dead, j.text)
			w.jobs = slices.Delete(w.jobs, i, i+1)
			node.Note("dead letter", j.text)
			i--
			continue
		}
		j.tries++
		j.hidden = node.Now() + w.visibility
		return j
	}
	return nil
}

// Len is how many jobs are not done.
func (w *Work) Len() int { return len(w.jobs) }

// Job is a job that was taken.
type Job struct {
	Text string
	Try  int // how often it was given to somebody, this time included

	node   *sim.Node
	at     string
	number int
}

// Empty is the error of Take: there is nothing to do now.
type Empty struct{ At string }

// Error says which queue it is.
func (e *Empty) Error() string { return fmt.Sprintf("nothing to do at %s", e.At) }

// Put appends a job to the queue at a node.
func (w *Work) Put(node *sim.Node, at, text string) error {
	_, err := node.Call(at, "put", "job", text)
	return err
}

// Take takes a job. It is the caller's until the visibility time-out; then others get
// it, unless it is done.
func (w *Work) Take(node *sim.Node, at string) (*Job, error) {
	r, err := node.Call(at, "take")
	if err != nil {
		return nil, err
	}
	if r.Kind == "empty" {
		return nil, &Empty{at}
	}
	return &Job{r.Text("is"), r.Int("try"), node, at, r.Int("number")}, nil
}

// Done takes the job out of the queue.
func (j *Job) Done() error {
	_, err := j.node.Call(j.at, "done", "number", j.number)
	return err
}
