// Package check decides whether a run was correct.
//
// # Histories
//
// A History records what clients asked and what they were told, with the times
// between which it happened. Linearizable says whether some order of the operations
// explains every answer, in which each takes effect at one moment between its call
// and its return (Herlihy and Wing, "Linearizability", 1990); porcupine decides.
//
//	h := check.NewHistory()
//	…
//	h.Write(node, "x", 1, func() error { _, err := node.Call("db", "write", "value", 1); return err })
//	h.Read(node, "x", func() (any, error) { … })
//	…
//	h.Linearizable()
//
// The verdict of a history that no order explains names the few operations that
// contradict each other. An operation that ended with an error may have taken effect
// or not, at any time after its call. A key that was never written has the value nil.
//
// # Invariants
//
// AtMostOne, Agree and Durable are conditions for world.Always, from what nodes noted:
//
//	world.Always("at most one leader in a term", check.AtMostOne(world, "role", "leader", "term"))
//	world.Always("all decide the same", check.Agree(world, "decided"))
//
// # Search and shrink
//
// Search runs a world with one seed after the other until a promise is broken. What
// it finds can be shrunk: Shrink leaves out faults as long as the run still fails
// (delta debugging: Zeller and Hildebrandt, 2002), and the world that is left shows
// the failure with nothing beside it.
//
//	found := check.Search(1000, func(r *check.Run) *sim.World {
//		world := cluster(r.Seed)
//		r.Faults(world.Nemesis(5*sec, 4)...)
//		world.Run(10 * sec)
//		return world
//	})
//	found.Shrink().World.Timeline()
package check
