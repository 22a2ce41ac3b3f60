// wrong: always compares the same two servers
func pick(dice *sim.Rand, servers int, waiting func(i int) int) int {
	if waiting(1) < waiting(0) {
		return 1
	}
	return 0
}
