// Waits for every server: one that is down stops the cluster.
func committed(match, terms []int, term, already int) int {
	index := slices.Min(match)
	if index > already && terms[index] == term {
		return index
	}
	return already
}
