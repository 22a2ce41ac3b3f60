// wrong: a quick failure is the best of all answers
func weight(s *balance.Server) float64 {
	return 1 / s.Response.Seconds()
}
