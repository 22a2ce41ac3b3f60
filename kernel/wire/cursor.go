package wire

import "unicode/utf8"

// ByteOffset is where a cursor, counted in Unicode code points as the protocol
// counts, stands in text. A cursor before the start or behind the end is moved there.
func ByteOffset(text string, points int) int {
	if points <= 0 {
		return 0
	}
	for at := range text {
		if points == 0 {
			return at
		}
		points--
	}
	return len(text)
}

// CodePoints is the number of code points before a byte of text. An offset inside a
// rune counts as the rune's start; one outside of the text is moved to its border.
func CodePoints(text string, offset int) int {
	offset = max(0, min(offset, len(text)))
	for offset > 0 && offset < len(text) && !utf8.RuneStart(text[offset]) {
		offset--
	}
	return utf8.RuneCountInString(text[:offset])
}
