package display_test

import (
	"fmt"

	"netsplit/runtime/display"
)

// Outside a kernel a bar shows nothing, and the loop is the same.
func ExampleCount() {
	sum := 0
	for i := range display.Count("seeds", 4) {
		sum += i
	}
	fmt.Println(sum)
	// Output: 6
}
