// Wrong: the backlog is worked off at C - rate, as if nobody asked again meanwhile, so it always ends.
func Recovery(rate, capacity, patience, outage float64, retries int) float64 {
	backlog := 0.0
	for k := range 1 + retries {
		backlog += rate * max(0, outage-float64(k)*patience)
	}
	tooMany, attempts := backlog-capacity*patience, rate
	switch {
	case tooMany <= 0:
		return 0
	case attempts >= capacity:
		return math.Inf(1)
	}
	return tooMany / (capacity - attempts)
}
