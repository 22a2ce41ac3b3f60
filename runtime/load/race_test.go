//go:build race

package load_test

// slow tells that the race detector makes everything ten times slower: fewer seeds do.
const slow = true
