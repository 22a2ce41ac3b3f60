// Wrong: large enough for the customers of a good day, and for none of their retries.
func Capacity(rate, patience, outage, within float64, retries int) float64 {
	backlog := 0.0
	for k := range 1 + retries {
		backlog += rate * max(0, outage-float64(k)*patience)
	}
	return rate + 0*backlog
}
