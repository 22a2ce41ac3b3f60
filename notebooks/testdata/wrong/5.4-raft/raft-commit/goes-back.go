// Takes back what was committed when the followers of a new leader have not answered yet.
func committed(match, terms []int, term, already int) int {
	sorted := slices.Clone(match)
	slices.Sort(sorted)
	index := sorted[(len(sorted)-1)/2]
	for index > 0 && terms[index] != term {
		index--
	}
	return index
}
