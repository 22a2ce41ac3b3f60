// wrong: looks at one server only
func pick(dice *sim.Rand, servers int, waiting func(i int) int) int {
	return dice.Intn(servers)
}
