//go:build !race

package load_test

const slow = false
