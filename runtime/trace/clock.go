package trace

import "time"

// Clock writes a time as transcripts and error messages do: to the millisecond,
// below ten milliseconds as exactly as needed for three digits.
func Clock(d time.Duration) string { return d.Round(grain(d)).String() }

// grain is the unit to which a time of this size is rounded.
func grain(d time.Duration) time.Duration {
	d = max(d, -d)
	switch {
	case d%time.Millisecond == 0 || d >= 10*time.Millisecond:
		return time.Millisecond
	case d >= time.Millisecond:
		return 10 * time.Microsecond
	case d >= 10*time.Microsecond:
		return time.Microsecond
	}
	return time.Nanosecond
}
