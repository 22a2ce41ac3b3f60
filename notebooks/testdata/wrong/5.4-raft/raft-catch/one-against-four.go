// One server alone is no half: only one side has a leader.
func catch(world *sim.World) {
	world.Partition("a", "b c d e").Between(0, 3*sec)
	world.At(2*sec, func() {
		for _, name := range []string{"a", "b", "c", "d", "e"} {
			world.Send(name, "submit", "id", name, "command", "set x "+name)
		}
	})
}
