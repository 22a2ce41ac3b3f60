// Two leaders, but nobody gives them anything to do.
func catch(world *sim.World) {
	world.Partition("a b", "c d e").Between(0, 3*sec)
}
