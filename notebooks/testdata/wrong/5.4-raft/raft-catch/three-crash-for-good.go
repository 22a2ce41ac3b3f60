// Breaks nothing, and stops the right cluster for ever.
func catch(world *sim.World) {
	world.Crash("c d e").At(1 * sec)
	world.At(2*sec, func() {
		for _, name := range []string{"a", "b", "c", "d", "e"} {
			world.Send(name, "submit", "id", name, "command", "set x "+name)
		}
	})
}
