// Wrong: the shop is to have an empty queue by then; it need not, nobody leaves long before.
func Capacity(rate, patience, outage, within float64, retries int) float64 {
	backlog := 0.0
	for k := range 1 + retries {
		backlog += rate * max(0, outage-float64(k)*patience)
	}
	return (backlog + rate*float64(1+retries)*within) / within
}
