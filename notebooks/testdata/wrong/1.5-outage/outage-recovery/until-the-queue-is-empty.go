// Wrong: waits until the queue is empty; nobody leaves long before that.
func Recovery(rate, capacity, patience, outage float64, retries int) float64 {
	backlog := 0.0
	for k := range 1 + retries {
		backlog += rate * max(0, outage-float64(k)*patience)
	}
	tooMany, attempts := backlog, rate*float64(1+retries)
	switch {
	case tooMany <= 0:
		return 0
	case attempts >= capacity:
		return math.Inf(1)
	}
	return tooMany / (capacity - attempts)
}
