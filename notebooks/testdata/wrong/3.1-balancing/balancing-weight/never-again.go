// wrong: one failure shuts a server out for ever
func weight(s *balance.Server) float64 {
	if s.Failed > 0 {
		return 0
	}
	return 1 / s.Response.Seconds()
}
