// wrong: looks at failures and not at the time
func weight(s *balance.Server) float64 {
	return 1 - float64(s.Failed)/float64(s.Sent)
}
