package battery

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// Struct types that refer to each other are made by rt.Structs and imported from
// packages that exist in the worker only. For the compiler they are written out
// here, from what rt.Structs is told: type p_netsplit_types_g4_T1 struct{ … }.

var (
	groupImport = regexp.MustCompile(`(?m)^import (\w+) "netsplit/types/g\d+"\n`)
	groupMade   = regexp.MustCompile(`(?m)^var _ = \w+\.Structs\("netsplit/types/(g\d+)", ("(?:[^"\\]|\\.)*")(.*)\)$`)
	groupType   = regexp.MustCompile(`\b(p_netsplit_types_g\d+)\.(T\d+)\b`)
)

type groupExpr struct {
	K    string
	N    int
	E    *groupExpr
	Key  *groupExpr
	In   []*groupExpr
	Out  []*groupExpr
	Dots bool
}

func writtenOut(texts []string) []string {
	var out []string
	for _, text := range texts {
		text = groupImport.ReplaceAllString(text, "")
		text = groupMade.ReplaceAllStringFunc(text, func(made string) string {
			m := groupMade.FindStringSubmatch(made)
			var described string
			var structs []struct {
				Name   string
				Fields []string
				Types  []*groupExpr
			}
			if json.Unmarshal([]byte(m[2]), &described) != nil || json.Unmarshal([]byte(described), &structs) != nil {
				return made
			}
			var leaves []string
			for _, l := range strings.Split(m[3], ", (*")[1:] {
				leaves = append(leaves, strings.TrimSuffix(l, ")(nil)"))
			}
			var b strings.Builder
			for _, s := range structs {
				fmt.Fprintf(&b, "type p_netsplit_types_%s_%s struct {", m[1], s.Name)
				for i, f := range s.Fields {
					fmt.Fprintf(&b, " %s %s;", f, s.Types[i].text("p_netsplit_types_"+m[1]+"_T", leaves))
				}
				b.WriteString(" }; ")
			}
			return b.String()
		})
		out = append(out, groupType.ReplaceAllString(text, "${1}_${2}"))
	}
	return out
}

func (e *groupExpr) text(group string, leaves []string) string {
	of := func(e *groupExpr) string { return e.text(group, leaves) }
	switch e.K {
	case "l":
		return leaves[e.N]
	case "s":
		return fmt.Sprint(group, e.N+1)
	case "p":
		return "*" + of(e.E)
	case "S":
		return "[]" + of(e.E)
	case "a":
		return fmt.Sprintf("[%d]%s", e.N, of(e.E))
	case "m":
		return "map[" + of(e.Key) + "]" + of(e.E)
	case "c":
		return map[int]string{1: "<-chan ", 2: "chan<- ", 3: "chan "}[e.N] + "(" + of(e.E) + ")"
	}
	var in, out []string
	for i, p := range e.In {
		if e.Dots && i == len(e.In)-1 {
			in = append(in, "..."+strings.TrimPrefix(of(p), "[]"))
			continue
		}
		in = append(in, of(p))
	}
	for _, r := range e.Out {
		out = append(out, of(r))
	}
	return "func(" + strings.Join(in, ", ") + ") (" + strings.Join(out, ", ") + ")"
}

func TestGroupsAreWrittenOut(t *testing.T) {
	got := writtenOut([]string{`import p_netsplit_types_g4 "netsplit/types/g4"
var _ = rt.Structs("netsplit/types/g4", "[{\"name\":\"T1\",\"fields\":[\"F0_a\"],\"types\":[{\"k\":\"p\",\"e\":{\"k\":\"s\",\"n\":1}}]},{\"name\":\"T2\",\"fields\":[\"F0_b\"],\"types\":[{\"k\":\"l\"}]}]", (*map[string]int)(nil))
var x p_netsplit_types_g4.T1`})[0]
	want := "type p_netsplit_types_g4_T1 struct { F0_a *p_netsplit_types_g4_T2; }; type p_netsplit_types_g4_T2 struct { F0_b map[string]int; }; \nvar x p_netsplit_types_g4_T1"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
