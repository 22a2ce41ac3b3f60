// wrong: the comparison is the wrong way round
func pick(dice *sim.Rand, servers int, waiting func(i int) int) int {
	a, b := dice.Intn(servers), dice.Intn(servers)
	if waiting(b) > waiting(a) {
		return b
	}
	return a
}
