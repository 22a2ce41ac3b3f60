package replica

import (
	"slices"
	"time"

	"netsplit/runtime/host"
	"netsplit/runtime/sim"
)

// master watches the servers and says who takes part.
type master struct {
	*Group
	node *sim.Node
	seen map[string]time.Duration
	have map[string]int
	back []string // who is new in the view
}

func newMaster(g *Group, node *sim.Node) {
	m := &master{Group: g, node: node, seen: map[string]time.Duration{}, have: map[string]int{}}
	for _, name := range g.members {
		m.seen[name] = node.Now()
		node.Go(func() { m.watch(name) })
	}
	node.Go(func() {
		for {
			node.Sleep(g.heartbeat)
			m.judge()
		}
	})
}

// watch asks a server again and again whether it lives.
func (m *master) watch(name string) {
	for {
		if r, err := m.node.Call(name, "alive?", sim.Timeout(m.heartbeat)); err == nil {
			m.seen[name] = m.node.Now()
			m.have[name] = r.Int("have")
			if m.view.place(name) >= 0 {
				switch {
				case r.Bool("lost") && r.Int("view") == m.view.number:
					m.seen[name] = -m.detect // it has restarted since: what was sent to it is gone
				case r.Int("view") < m.view.number:
					m.tell(name)
				}
			}
		}
		m.node.Sleep(m.heartbeat)
	}
}

// judge announces a new view when a server has died or come back.
func (m *master) judge() {
	var dead, back []string
	for _, name := range m.members {
		alive := m.node.Now()-m.seen[name] < m.detect
		takesPart := m.view.place(name) >= 0
		if takesPart && !alive {
			dead = append(dead, name)
		}
		if !takesPart && alive {
			back = append(back, name)
		}
	}
	order := slices.DeleteFunc(slices.Clone(m.view.members), func(name string) bool { return slices.Contains(dead, name) })
	if len(order) == 0 || len(dead)+len(back) == 0 {
		return // with nobody left the view stays: who comes back of it goes on
	}
	number := m.view.number + 1
	if m.mode != chain && order[0] != m.view.first() && !m.wrong.promoteFirst {
		// In a chain those before have all that those behind have; here somebody chooses.
		answered := m.prepare(number, order)
		if m.heir != nil {
			if order = m.choose(answered, order); order == nil {
				return
			}
		} else {
			slices.SortStableFunc(order, func(a, b string) int { return m.have[b] - m.have[a] })
		}
	}
	m.Group.view, m.back = view{number, append(order, back...)}, back
	m.node.Note("view", number, "leader", m.view.first())
	for _, name := range m.members {
		m.tell(name) // also who is dead: perhaps it is only slow
	}
}

// choose asks the function of Heir who leads, and puts that server before the others;
// nil stands for nobody.
func (m *master) choose(answered map[string]bool, order []string) []string {
	var answers []Position
	for _, name := range order {
		if answered[name] {
			answers = append(answers, Position{name, m.have[name]})
		}
	}
	missing := len(m.view.members) - 1 - len(answers)
	heir := m.heir(answers, missing)
	if heir == "" {
		return nil
	}
	if !answered[heir] {
		host.Mistakef("replica.Heir: %q is to lead, but it is none of those that answered: %v", heir, answers)
	}
	return append([]string{heir}, slices.DeleteFunc(order, func(name string) bool { return name == heir })...)
}

// prepare asks servers to listen to nobody of an older view from now on, and how much
// they have. It returns who answered.
func (m *master) prepare(number int, names []string) map[string]bool {
	answered := map[string]bool{}
	group := m.node.NewWaitGroup("prepare")
	for _, name := range names {
		group.Add(1)
		m.node.Go(func() {
			defer group.Done()
			if r, err := m.node.Call(name, "prepare", "number", number, sim.Timeout(m.heartbeat)); err == nil {
				m.have[name], answered[name] = r.Int("have"), true
			}
		})
	}
	group.Wait()
	return answered
}

func (m *master) tell(name string) {
	if m.wrong.noFencing && m.view.place(name) < 0 {
		return
	}
	m.node.Send(name, "view", "number", m.view.number, "members", m.view.members, "new", slices.Contains(m.back, name))
}
