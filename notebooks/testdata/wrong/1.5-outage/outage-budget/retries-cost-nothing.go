// Wrong: a retry is allowed when enough was earned, but not paid for.
type Budget struct{ Calls, Most, earned int }

func (b *Budget) Call() {
	b.earned = min(b.earned+1, b.Most*b.Calls)
}

func (b *Budget) Retry() bool {
	if b.earned < b.Calls {
		return false
	}
	return true
}
