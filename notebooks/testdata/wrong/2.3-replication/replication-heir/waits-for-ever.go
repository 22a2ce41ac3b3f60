// Wrong: it wants an answer of the dead leader, too, and so waits for ever.
// Heir chooses the new leader of a semi-synchronous group, or "".
func Heir(answers []replica.Position, missing int) string {
	if len(answers) < 4 {
		return "" // who is missing may have what nobody else has
	}
	best := answers[0]
	for _, position := range answers {
		if position.Have > best.Have {
			best = position
		}
	}
	return best.Server
}
