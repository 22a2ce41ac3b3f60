// Wrong: what is saved up has no limit, so after a quiet night all of an outage is retried.
type Budget struct{ Calls, Most, earned int }

func (b *Budget) Call() {
	b.earned = b.earned + 1
}

func (b *Budget) Retry() bool {
	if b.earned < b.Calls {
		return false
	}
	b.earned -= b.Calls
	return true
}
