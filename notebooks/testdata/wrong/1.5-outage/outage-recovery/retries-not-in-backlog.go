// Wrong: what piled up is counted without the retries that were made during the outage.
func Recovery(rate, capacity, patience, outage float64, retries int) float64 {
	backlog := 0.0
	backlog += rate * outage
	tooMany, attempts := backlog-capacity*patience, rate*float64(1+retries)
	switch {
	case tooMany <= 0:
		return 0
	case attempts >= capacity:
		return math.Inf(1)
	}
	return tooMany / (capacity - attempts)
}
