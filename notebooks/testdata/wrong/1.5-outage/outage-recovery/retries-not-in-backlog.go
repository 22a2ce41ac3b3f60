// Wrong: what piled up is counted without the retries that were made during the outage.
func Capacity(rate, patience, outage, within float64, retries int) float64 {
	backlog := 0.0
	backlog += rate * outage
	return (backlog + rate*float64(1+retries)*within) / (within + patience)
}
