package grade_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"netsplit/runtime/grade"
	"netsplit/runtime/host"
	"netsplit/runtime/lab"
	"netsplit/runtime/sim"
)

const ms, sec = time.Millisecond, time.Second

// A server that charges again when it is asked again, and one that knows requests.
func forgetful(node *sim.Node) {
	node.Handle("charge", func(r *sim.Request) {
		node.Disk.Set("charges", node.Disk.Int("charges")+1)
		r.Reply("receipt")
	})
}

func careful(node *sim.Node) {
	node.Handle("charge", func(r *sim.Request) {
		if !node.Disk.Has("done") {
			node.Disk.Set("done", true)
			node.Disk.Set("charges", node.Disk.Int("charges")+1)
		}
		r.Reply("receipt")
	})
}

// lossy loses one message in ten: it takes more than one seed to see what is wrong.
func lossy(server func(*sim.Node)) func(*lab.Run) {
	return func(r *lab.Run) {
		world := r.World(sim.Loss(0.1))
		world.Node("card", server)
		world.Node("shop", func(node *sim.Node) {
			_, err := node.Call("card", "charge")
			for err != nil {
				_, err = node.Call("card", "charge")
			}
		})
		world.Run(10 * sec)
		r.Require(world.Find("card").Disk.Int("charges") == 1, "the card is charged once")
	}
}

// Checks earn points, and say why not.
func ExampleScore() {
	score := grade.Open(4)
	score.Check("knows what was asked", 1, func() bool { return true })
	score.Over("charges once", 3, lab.Seeds(30), lossy(forgetful))
	fmt.Println(score.Points())

	again := grade.Open(4)
	again.Share("half of it", 1, func() float64 { return 0.5 })
	again.Over("charges once", 3, lab.Seeds(30), lossy(careful))
	fmt.Println(again.Points())
	// Output:
	// ✓ knows what was asked: 1 of 1 point
	// ✗ charges once: 0 of 3 points; seed 3: the card is charged once (2 of 30 seeds fail)
	//   to see that run: score.Timeline("charges once")
	// 1
	// ✗ half of it: 0.5 of 1 point; 50 % of it
	// ✓ charges once: 3 of 3 points
	// 3.5
}

// A hidden check runs over seeds that no lesson shows.
func ExampleSeeds() {
	fmt.Println(lab.Seeds(3), grade.Seeds(3))
	score := grade.Open(3)
	score.Over("charges once", 3, grade.Seeds(30), lossy(forgetful))
	// Output:
	// [1 2 3] [1001 1002 1003]
	// ✗ charges once: 0 of 3 points; seed 1010: the card is charged once (4 of 30 seeds fail)
	//   to see that run: score.Timeline("charges once")
}

func TestTheRunThatFailedCanBeSeen(t *testing.T) {
	score := grade.Open(1)
	score.Over("charges once", 1, lab.Seeds(30), lossy(forgetful))
	text := score.Transcript("charges once").String()
	if strings.Count(text, "card <- shop: charge") < 2 || !strings.Contains(text, "-x shop: receipt") {
		t.Errorf("the transcript does not show two charges:\n%s", text)
	}
	if b := score.Timeline("charges once").MimeBundle(); b["image/png"] == nil {
		t.Error("there is no picture of the run")
	}
	if !strings.Contains(score.Table().String(), "fail · seed") {
		t.Errorf("the table hides the failure:\n%s", score.Table())
	}
}

// Nothing but evidence earns points.
func TestWhatEarnsNothing(t *testing.T) {
	seeds := lab.Seeds(2)
	score := grade.Open(10)
	score.Check("a panic", 1, func() bool { panic("boom") })
	score.Over("a panic of a run", 1, seeds, func(r *lab.Run) { panic("boom") })
	score.Over("a node that panics", 1, seeds, func(r *lab.Run) {
		world := r.World()
		world.Node("a", func(node *sim.Node) { node.Sleep(3 * ms); panic("a bad day") })
		world.Run(sec)
	})
	score.Over("nothing asked", 1, seeds, func(r *lab.Run) { r.World().Run(sec) })
	score.Over("a mistake", 1, seeds, func(r *lab.Run) { r.World().Find("nobody") })
	score.Over("a world that never ends", 1, seeds, func(r *lab.Run) {
		world := r.World(sim.MaxEvents(100))
		world.Node("a", func(node *sim.Node) {
			for {
				node.Sleep(ms)
			}
		})
		defer func() { recover(); r.Require(true, "it went on") }()
		world.Run(100 * sec)
	})
	score.Over("a broken promise", 1, seeds, func(r *lab.Run) {
		world := r.World()
		world.Node("a", func(node *sim.Node) { node.Sleep(ms); node.Note("role", "leader") })
		world.Always("nobody leads", func() bool { return len(world.Where("role", "leader")) == 0 })
		world.Run(sec)
	})
	score.Share("not a number", 1, func() float64 { zero := 0.0; return zero / zero })
	score.Share("less than nothing", 1, func() float64 { return -5 })
	score.Equal("another answer", 1, 3, 4)
	score.Near("far off", 1, 3, 4, 0.1)
	if p := score.Points(); p != 0 || score.Passed() {
		t.Errorf("they earned %v points:\n%s", p, score)
	}
	for _, want := range []string{"panic: boom", "seed 1: node a panicked at 3ms: a bad day", "nothing was asked", `no node "nobody"`, "did not come to its end", "broken at 1ms: nobody leads", "the answer 3 is not", "3 is too little"} {
		if !strings.Contains(score.String(), want) {
			t.Errorf("no %q in\n%s", want, score)
		}
	}
	if text := theHost.stderr.String(); text != "" {
		t.Errorf("what the checks tell anyhow is written to standard error, too: %s", text)
	}
}

func TestPointsAreWhatGradersTake(t *testing.T) {
	earn := func(most float64, points ...float64) *grade.Score {
		score := grade.Open(most)
		for i, p := range points {
			score.Check(fmt.Sprint("check ", i), p, func() bool { return true })
		}
		return score
	}
	for _, test := range []struct {
		score  *grade.Score
		graded bool
		want   string
	}{
		{earn(3, 1, 1, 1), false, "3"},
		{earn(1, 0.1, 0.2, 0.7), false, "1"},
		{earn(1, 1.0/3, 1.0/3, 1.0/3), true, "1"},
		{earn(4, 9), false, "4"}, // never more than the most
		{earn(4, 1), false, "4"}, // the others are hidden
		{earn(4, 1), false, "4"},
		{earn(4, 1), true, "1"},
		{earn(4), false, "0"},
	} {
		theHost.graded = test.graded
		defer func() { theHost.graded = false }()
		if got := fmt.Sprint(test.score.Points()); got != test.want {
			t.Errorf("graded %v: %s points, want %s", test.graded, got, test.want)
		}
	}
}

func TestAnswersAreComparedByValue(t *testing.T) {
	score := grade.Open(4)
	score.Equal("an int and a float", 1, 3, 3.0)
	score.Equal("durations", 1, 50*ms, 50*ms)
	score.Equal("words", 1, "at least once", "at least once")
	score.Near("nearly", 1, 3.62, 3.61, 0.05)
	if !score.Passed() {
		t.Error(score)
	}
}

func TestMisuseIsASentence(t *testing.T) {
	for want, do := range map[string]func(){
		"positive number":      func() { grade.Open(0) },
		"of this name already": func() { s := grade.Open(1); s.Equal("a", 1, 1, 1); s.Equal("a", 1, 1, 1) },
		"no run of this check": func() { s := grade.Open(1); s.Equal("a", 1, 1, 1); s.Timeline("a") },
		"no such check":        func() { grade.Open(1).Timeline("b") },
		"at least one seed":    func() { grade.Seeds(0) },
		"give seeds":           func() { grade.Open(1).Over("a", 1, nil, func(*lab.Run) {}) },
	} {
		func() {
			defer func() {
				if m, ok := recover().(*host.Mistake); !ok || !strings.Contains(m.Text, want) {
					t.Errorf("the mistake is %v, want %q", m, want)
				}
			}()
			do()
		}()
	}
}
