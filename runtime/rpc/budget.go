package rpc

// Budget allows retries up to a share of the calls: each call earns so much of a
// retry, and at most ten are saved up. When everything fails, 0.1 sends 1.1 times the
// calls, where three retries would send four times as many.
func Budget(share float64) Option {
	return Option{client: func(c *Client) { c.budget = &budget{share: share} }}
}

const mostSaved = 10

type budget struct {
	share, saved float64
	endless      bool // wrong on purpose: see EndlessBudget
}

func (b *budget) earn() { b.saved = min(b.saved+b.share, mostSaved) }

func (b *budget) spend() bool {
	if b.saved < 1-1e-9 { // ten times a tenth is less than one
		return false
	}
	if b.endless {
		return true
	}
	b.saved = max(0, b.saved-1)
	return true
}
