package measure

import (
	"fmt"
	"math"
	"time"

	"netsplit/runtime/host"
)

// Series is a number over time: the length of a queue, goodput, the terms of a
// server. Name and Unit are what an axis or a column of a table is labelled with. The
// number holds from one point to the next. The zero value is ready.
type Series struct {
	Name   string
	Unit   string
	Points []Point
}

// Point is the number from a moment on.
type Point struct {
	At    time.Duration
	Value float64
}

// Add appends a point; time does not run backwards.
func (s *Series) Add(at time.Duration, value float64) {
	if n := len(s.Points); n > 0 && at < s.Points[n-1].At {
		host.Mistakef("Series.Add(%v, %v): the point before is at %v", at, value, s.Points[n-1].At)
	}
	s.Points = append(s.Points, Point{at, value})
}

// Len is the number of points.
func (s *Series) Len() int { return len(s.Points) }

// Times are the moments of the points.
func (s *Series) Times() []time.Duration {
	times := make([]time.Duration, len(s.Points))
	for i, p := range s.Points {
		times[i] = p.At
	}
	return times
}

// Values are the numbers of the points.
func (s *Series) Values() []float64 {
	values := make([]float64, len(s.Points))
	for i, p := range s.Points {
		values[i] = p.Value
	}
	return values
}

// Between keeps the points from one time to before another.
func (s *Series) Between(from, to time.Duration) *Series {
	c := &Series{Name: s.Name, Unit: s.Unit}
	for _, p := range s.Points {
		if p.At >= from && p.At < to {
			c.Points = append(c.Points, p)
		}
	}
	return c
}

// At is the number at a time; not a number before the first point.
func (s *Series) At(t time.Duration) float64 {
	v := math.NaN()
	for _, p := range s.Points {
		if p.At > t {
			break
		}
		v = p.Value
	}
	return v
}

// Mean is the average of the points' numbers.
func (s *Series) Mean() float64 {
	if len(s.Points) == 0 {
		return math.NaN()
	}
	sum := 0.0
	for _, p := range s.Points {
		sum += p.Value
	}
	return sum / float64(len(s.Points))
}

// Average is the average over time from the first point to a moment: each number
// counts for as long as it held.
func (s *Series) Average(until time.Duration) float64 {
	area, span := 0.0, 0.0
	for i, p := range s.Points {
		end := until
		if i+1 < len(s.Points) {
			end = min(end, s.Points[i+1].At)
		}
		if end > p.At {
			area += float64(p.Value * float64(end-p.At)) // not fused: the same on every machine
			span += float64(end - p.At)
		}
	}
	if span == 0 {
		return s.Mean()
	}
	return area / span
}

// Max is the largest number; not a number where there is none.
func (s *Series) Max() float64 {
	if len(s.Points) == 0 {
		return math.NaN()
	}
	most := s.Points[0].Value
	for _, p := range s.Points {
		most = max(most, p.Value)
	}
	return most
}

// String is the summary in one line.
func (s *Series) String() string {
	name := s.Name
	if name == "" {
		name = "series"
	}
	if len(s.Points) == 0 {
		return name + ": no points"
	}
	unit := ""
	if s.Unit != "" {
		unit = " " + s.Unit
	}
	last := s.Points[len(s.Points)-1]
	return fmt.Sprintf("%s: %d points, mean %.4g%s, max %.4g%s, at %v %.4g%s", name, len(s.Points), s.Mean(), unit, s.Max(), unit, last.At, last.Value, unit)
}
