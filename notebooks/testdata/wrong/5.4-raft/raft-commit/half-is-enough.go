// Takes the index that one server less than a majority has.
func committed(match, terms []int, term, already int) int {
	sorted := slices.Clone(match)
	slices.Sort(sorted)
	index := sorted[len(sorted)/2+1]
	if index > already && terms[index] == term {
		return index
	}
	return already
}
