// wrong: asks every server
func pick(dice *sim.Rand, servers int, waiting func(i int) int) int {
	best := 0
	for i := range servers {
		if waiting(i) < waiting(best) {
			best = i
		}
	}
	return best
}
