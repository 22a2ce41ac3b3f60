package supervisor

import (
	"cmp"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"time"
)

// Limits are what the code of a session may use. A negative field means no limit,
// zero the default.
type Limits struct {
	// Memory of the worker in bytes. Close to it the garbage collector works
	// harder; a cell that goes beyond it ends as OutOfMemory.
	Memory int64

	// Output of one cell in bytes, its goroutines included. What goes beyond it is
	// cut with one line that says so, and the cell ends as LimitExceeded.
	Output int64

	// Goroutines that live at one time. The cell that starts one more ends as
	// LimitExceeded.
	Goroutines int

	// CellTime is how long one cell may run. It then ends as Timeout.
	CellTime time.Duration
}

// DefaultLimits are in force where the environment says nothing: memory 4 GiB or
// half the machine, the smaller; output 256 MiB; 100,000 goroutines; no limit of time.
func DefaultLimits() Limits {
	memory := int64(4 << 30)
	if half := machineMemory() / 2; half > 0 && half < memory {
		memory = half
	}
	return Limits{Memory: memory, Output: 256 << 20, Goroutines: 100_000}
}

// A Setting is one limit as it is set from outside: by a flag of netsplit kernel or
// by a variable of the environment, which a kernelspec can hold.
type Setting struct {
	Flag, Variable string
	Usage          string
	set            func(*Limits, string) error
}

// Settings are all there are. Sizes are bytes or have a suffix (512MiB, 2GiB, 100MB),
// a time is seconds or a duration (90, 1m30s). "none" and 0 lift a limit.
func Settings() []Setting {
	return []Setting{
		{"memory", "NETSPLIT_MEMORY", "of the worker: 4GiB, or half the machine if that is less", func(l *Limits, text string) error {
			n, err := parseSize(text)
			if err == nil && n != 0 && n < minMemory {
				err = fmt.Errorf("the worker needs at least %s", sizeText(minMemory))
			}
			if err == nil {
				l.Memory = n
			}
			return err
		}},
		{"output", "NETSPLIT_OUTPUT", "of a cell: 256MiB", func(l *Limits, text string) error {
			n, err := parseSize(text)
			if err == nil {
				l.Output = n
			}
			return err
		}},
		{"goroutines", "NETSPLIT_GOROUTINES", "at one time: 100000", func(l *Limits, text string) error {
			n, err := strconv.Atoi(text)
			if err != nil || n < 0 {
				return fmt.Errorf("want a count such as 1000")
			}
			l.Goroutines = n
			return nil
		}},
		{"cell-time", "NETSPLIT_CELL_TIME", "in seconds: none", func(l *Limits, text string) error {
			seconds, err := strconv.ParseFloat(text, 64)
			if err == nil && seconds >= 0 && seconds < 1e9 {
				l.CellTime = time.Duration(seconds * float64(time.Second))
				return nil
			}
			d, err := time.ParseDuration(text)
			if err != nil || d < 0 {
				return fmt.Errorf("want seconds or a duration such as 90s")
			}
			l.CellTime = d
			return nil
		}},
	}
}

// Set changes the limit to what text says.
func (s Setting) Set(l *Limits, text string) error {
	text = strings.TrimSpace(text)
	if strings.EqualFold(text, "none") {
		text = "0"
	}
	return s.set(l, text)
}

// LimitsFromEnvironment takes the limits from the variables of Settings. A value that
// cannot be read is an error that names variable and value; the default is then in
// force.
func LimitsFromEnvironment() (Limits, error) {
	limits := DefaultLimits()
	var wrong []string
	for _, s := range Settings() {
		text := os.Getenv(s.Variable)
		if strings.TrimSpace(text) == "" {
			continue
		}
		if err := s.Set(&limits, text); err != nil {
			wrong = append(wrong, fmt.Sprintf("%s=%q: %v", s.Variable, text, err))
		}
	}
	limits = limits.negated()
	if wrong != nil {
		return limits, fmt.Errorf("read limits: %s", strings.Join(wrong, "; "))
	}
	return limits, nil
}

// minMemory is what a worker needs to do anything at all.
const minMemory = 256 << 20

func parseSize(text string) (int64, error) {
	units := []struct {
		suffix string
		bytes  float64
	}{
		{"KIB", 1 << 10}, {"MIB", 1 << 20}, {"GIB", 1 << 30}, {"TIB", 1 << 40},
		{"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12},
		{"K", 1 << 10}, {"M", 1 << 20}, {"G", 1 << 30}, {"T", 1 << 40}, {"B", 1}, {"", 1},
	}
	upper := strings.ToUpper(strings.TrimSpace(text))
	for _, unit := range units {
		number, ok := strings.CutSuffix(upper, unit.suffix)
		if !ok {
			continue
		}
		n, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
		if err != nil || math.IsNaN(n) || n < 0 || n*unit.bytes > 1<<60 {
			break
		}
		return int64(n * unit.bytes), nil
	}
	return 0, fmt.Errorf("want bytes or a size such as 512MiB")
}

func sizeText(n int64) string {
	switch {
	case n >= 1<<30:
		return strings.TrimSuffix(strconv.FormatFloat(float64(n)/(1<<30), 'f', 1, 64), ".0") + " GiB"
	case n >= 1<<20:
		return strings.TrimSuffix(strconv.FormatFloat(float64(n)/(1<<20), 'f', 1, 64), ".0") + " MiB"
	case n >= 1<<10:
		return strings.TrimSuffix(strconv.FormatFloat(float64(n)/(1<<10), 'f', 1, 64), ".0") + " KiB"
	}
	return fmt.Sprintf("%d bytes", n)
}

// negated marks limits that the environment lifted.
func (l Limits) negated() Limits {
	if l.Memory == 0 {
		l.Memory = -1
	}
	if l.Output == 0 {
		l.Output = -1
	}
	if l.Goroutines == 0 {
		l.Goroutines = -1
	}
	if l.CellTime == 0 {
		l.CellTime = -1
	}
	return l
}

// filled has the defaults where l has zero, and then zero for no limit.
func (l Limits) filled() Limits {
	usual := DefaultLimits()
	return Limits{
		Memory:     max(cmp.Or(l.Memory, usual.Memory), 0),
		Output:     max(cmp.Or(l.Output, usual.Output), 0),
		Goroutines: max(cmp.Or(l.Goroutines, usual.Goroutines), 0),
		CellTime:   max(cmp.Or(l.CellTime, usual.CellTime), 0),
	}
}

// environment is how the worker learns the limits: plain numbers, 0 for none.
func (l Limits) environment() []string {
	env := []string{
		fmt.Sprintf("NETSPLIT_MEMORY=%d", l.Memory),
		fmt.Sprintf("NETSPLIT_OUTPUT=%d", l.Output),
		fmt.Sprintf("NETSPLIT_GOROUTINES=%d", l.Goroutines),
		fmt.Sprintf("NETSPLIT_CELL_TIME=%g", l.CellTime.Seconds()),
	}
	if l.Memory > 0 {
		env = append(env, fmt.Sprintf("GOMEMLIMIT=%d", l.Memory/10*9))
	}
	return env
}
