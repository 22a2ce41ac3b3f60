// Wrong: the first that answers leads, whatever it has.
// Heir chooses the new leader of a semi-synchronous group, or "".
func Heir(answers []replica.Position, missing int) string {
	if missing > 0 || len(answers) == 0 {
		return ""
	}
	return answers[0].Server
}
