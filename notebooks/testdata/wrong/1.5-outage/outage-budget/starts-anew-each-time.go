// Wrong: what is left over after a retry is thrown away.
type Budget struct{ Calls, Most, earned int }

func (b *Budget) Call() {
	b.earned = min(b.earned+1, b.Most*b.Calls)
}

func (b *Budget) Retry() bool {
	if b.earned < b.Calls {
		return false
	}
	b.earned = 0
	return true
}
