// Wrong: the budget never says no: the outage does not end.
type Budget struct{ Calls, Most, earned int }

func (b *Budget) Call() {
	b.earned = min(b.earned+1, b.Most*b.Calls)
}

func (b *Budget) Retry() bool {
	b.earned -= b.Calls
	return true
}
