// Counts copies of entries of older terms: Figure 8.
func committed(match, terms []int, term, already int) int {
	sorted := slices.Clone(match)
	slices.Sort(sorted)
	return max(already, sorted[(len(sorted)-1)/2])
}
