// wrong: the share of successes cannot make up for answers that are a hundred times as quick
func weight(s *balance.Server) float64 {
	works := 1 - float64(s.Failed)/float64(s.Sent+1)
	return works / s.Response.Seconds()
}
