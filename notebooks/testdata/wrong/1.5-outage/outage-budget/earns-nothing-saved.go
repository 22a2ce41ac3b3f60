// Wrong: forgets what was earned whenever a retry is refused, so that calls earn only when failures are rare.
type Budget struct{ Calls, Most, earned int }

func (b *Budget) Call() {
	b.earned = min(b.earned+1, b.Most*b.Calls)
}

func (b *Budget) Retry() bool {
	if b.earned < b.Calls {
		b.earned = 0
		return false
	}
	b.earned -= b.Calls
	return true
}
