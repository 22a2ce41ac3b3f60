// Wrong: it takes the one that has least.
// Heir chooses the new leader of a semi-synchronous group, or "".
func Heir(answers []replica.Position, missing int) string {
	if missing > 0 || len(answers) == 0 {
		return "" // who is missing may have what nobody else has
	}
	best := answers[0]
	for _, position := range answers {
		if position.Have < best.Have {
			best = position
		}
	}
	return best.Server
}
