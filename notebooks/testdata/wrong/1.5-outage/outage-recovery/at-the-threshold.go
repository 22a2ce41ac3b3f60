// Wrong: exactly at the threshold: what has piled up never goes away.
func Capacity(rate, patience, outage, within float64, retries int) float64 {
	backlog := 0.0
	for k := range 1 + retries {
		backlog += rate * max(0, outage-float64(k)*patience)
	}
	return rate*float64(1+retries) + 0*backlog
}
