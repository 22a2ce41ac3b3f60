package check

import (
	"fmt"
	"sort"
	"strings"

	"github.com/anishathalye/porcupine"
)

// Verdict is what became of a check.
type Verdict struct {
	Passed     bool
	Property   string
	Operations int          // that were looked at
	Conflict   []*Operation // a few that contradict each other, where it did not pass
}

// String is the verdict as a sentence, with the operations in conflict below it.
func (v Verdict) String() string {
	if v.Passed {
		return fmt.Sprintf("%s: an order explains all %d operations", v.Property, v.Operations)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "not %s: no order explains these %d of %d operations", v.Property, len(v.Conflict), v.Operations)
	for _, o := range v.Conflict {
		fmt.Fprintf(&b, "\n    %v", o)
	}
	return b.String()
}

// Linearizable says whether some order of the operations on each key, in which each
// takes effect at a moment between its call and its return, explains every answer.
func (h *History) Linearizable() Verdict {
	v := Verdict{Property: "linearizable", Operations: len(h.operations), Passed: true}
	byKey := map[string][]*Operation{}
	for _, o := range h.operations {
		if o.Unknown && o.Kind == "read" {
			continue // it tells nothing
		}
		byKey[o.Key] = append(byKey[o.Key], o)
	}
	keys := make([]string, 0, len(byKey))
	for key := range byKey {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	for _, key := range keys {
		if list := byKey[key]; !explained(list) {
			v.Passed = false
			if v.Conflict = additions(list); v.Conflict == nil {
				v.Conflict = smallest(list)
			}
			return v
		}
	}
	return v
}

// explained asks porcupine about the operations on one key.
func explained(list []*Operation) bool {
	history := make([]porcupine.Operation, len(list))
	for i, o := range list {
		history[i] = porcupine.Operation{Input: o, Call: o.begun, Return: o.ended}
	}
	return porcupine.CheckOperations(register, history)
}

// register is a place for one value.
var register = porcupine.Model{
	Init: func() any { return nil },
	Step: func(state, input, _ any) (bool, any) { return input.(*Operation).step(state) },
	// Two values are equal as Go says; what cannot be compared was refused by then.
	Equal: func(a, b any) bool { return a == b },
}

// step applies the operation to a value, and tells whether its answer fits.
func (o *Operation) step(value any) (bool, any) {
	switch o.Kind {
	case "write":
		return true, o.Value
	case "read":
		return value == o.Result, value
	case "cas":
		took := value == o.Old
		if !o.Unknown && took != o.Result {
			return false, value
		}
		if took {
			return true, o.Value
		}
		return true, value
	default: // add
		was, _ := value.(int)
		sum := was + o.Value.(int)
		return o.Unknown || sum == o.Result, sum
	}
}

// additions finds what contradicts itself among additions, where operations can not
// just be left out, because every sum needs those before it: two that were told the
// same sum, or one that was told less than was added before it began, or more than had
// begun when it ended. It gives nil where there is nothing of it.
func additions(list []*Operation) []*Operation {
	told := map[int]*Operation{}
	for _, o := range list {
		if o.Kind != "add" || o.Value.(int) <= 0 {
			return nil
		}
		if o.Unknown {
			continue
		}
		if other := told[o.Result.(int)]; other != nil {
			return []*Operation{other, o}
		}
		told[o.Result.(int)] = o
	}
	for _, o := range list {
		if o.Unknown {
			continue
		}
		least, most := 0, 0
		for _, other := range list {
			if other == o || other.ended < o.begun {
				least += other.Value.(int)
			}
			if other.begun < o.ended {
				most += other.Value.(int)
			}
		}
		if sum := o.Result.(int); sum < least || sum > most {
			return []*Operation{o}
		}
	}
	return nil
}

// smallest leaves operations out of a history that no order explains, as long as that
// stays so. A write is left out together with the reads that saw it: a read of a value
// that nobody wrote would contradict everything, and explain nothing.
func smallest(list []*Operation) []*Operation {
	for changed := true; changed; {
		changed = false
		for i := len(list) - 1; i >= 0; i-- {
			if i >= len(list) {
				continue
			}
			if less := without(list, list[i]); len(less) > 0 && !explained(less) {
				list, changed = less, true
			}
		}
	}
	return list
}

func without(list []*Operation, gone *Operation) []*Operation {
	var left []*Operation
	for _, o := range list {
		saw := gone.Kind != "read" && (o.Kind == "read" && o.Result == gone.Value || o.Kind == "cas" && o.Old == gone.Value && o.Result == true)
		if o != gone && !saw {
			left = append(left, o)
		}
	}
	return left
}
