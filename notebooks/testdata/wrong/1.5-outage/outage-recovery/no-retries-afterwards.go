// Wrong: as if nobody asked again while the backlog is worked off.
func Capacity(rate, patience, outage, within float64, retries int) float64 {
	backlog := 0.0
	for k := range 1 + retries {
		backlog += rate * max(0, outage-float64(k)*patience)
	}
	return (backlog + rate*within) / (within + patience)
}
