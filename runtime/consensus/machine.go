package consensus

import (
	"strconv"
	"strings"
)

// Store makes a machine that keeps values by key. Its commands are "set KEY VALUE",
// which gives the value, "add KEY N", which gives the sum, and "get KEY", which gives
// the value or "".
func Store() func(command string) string {
	values := map[string]string{}
	return func(command string) string {
		verb, rest, _ := strings.Cut(command, " ")
		key, value, _ := strings.Cut(rest, " ")
		switch verb {
		case "set":
			values[key] = value
		case "add":
			was, _ := strconv.Atoi(values[key])
			more, _ := strconv.Atoi(value)
			values[key] = strconv.Itoa(was + more)
		}
		return values[key]
	}
}
