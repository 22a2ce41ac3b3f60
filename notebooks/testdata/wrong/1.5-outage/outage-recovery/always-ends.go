// Wrong: an outage that never ends is given the time 0.
func Recovery(rate, capacity, patience, outage float64, retries int) float64 {
	backlog := 0.0
	for k := range 1 + retries {
		backlog += rate * max(0, outage-float64(k)*patience)
	}
	tooMany, attempts := backlog-capacity*patience, rate*float64(1+retries)
	switch {
	case tooMany <= 0:
		return 0
	case attempts >= capacity:
		return 0
	}
	return tooMany / (capacity - attempts)
}
