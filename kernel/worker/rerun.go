package worker

import (
	"encoding"
	"flag"
	"net/http"
	"sync"
	"time"
)

// Registries of the process that refuse a name a second time. A cell may run again
// and then means the same name anew, so the older registration goes first.

// flags are the functions that define a flag of flag.CommandLine.
var flags = map[string]any{
	"Bool": func(name string, value bool, usage string) *bool {
		undefine(name)
		return flag.Bool(name, value, usage)
	},
	"Int": func(name string, value int, usage string) *int { undefine(name); return flag.Int(name, value, usage) },
	"Int64": func(name string, value int64, usage string) *int64 {
		undefine(name)
		return flag.Int64(name, value, usage)
	},
	"Uint": func(name string, value uint, usage string) *uint {
		undefine(name)
		return flag.Uint(name, value, usage)
	},
	"Uint64": func(name string, value uint64, usage string) *uint64 {
		undefine(name)
		return flag.Uint64(name, value, usage)
	},
	"Float64": func(name string, value float64, usage string) *float64 {
		undefine(name)
		return flag.Float64(name, value, usage)
	},
	"String": func(name, value, usage string) *string { undefine(name); return flag.String(name, value, usage) },
	"Duration": func(name string, value time.Duration, usage string) *time.Duration {
		undefine(name)
		return flag.Duration(name, value, usage)
	},
	"BoolVar": func(p *bool, name string, value bool, usage string) {
		undefine(name)
		flag.BoolVar(p, name, value, usage)
	},
	"IntVar": func(p *int, name string, value int, usage string) { undefine(name); flag.IntVar(p, name, value, usage) },
	"Int64Var": func(p *int64, name string, value int64, usage string) {
		undefine(name)
		flag.Int64Var(p, name, value, usage)
	},
	"UintVar": func(p *uint, name string, value uint, usage string) {
		undefine(name)
		flag.UintVar(p, name, value, usage)
	},
	"Uint64Var": func(p *uint64, name string, value uint64, usage string) {
		undefine(name)
		flag.Uint64Var(p, name, value, usage)
	},
	"Float64Var": func(p *float64, name string, value float64, usage string) {
		undefine(name)
		flag.Float64Var(p, name, value, usage)
	},
	"StringVar": func(p *string, name, value, usage string) { undefine(name); flag.StringVar(p, name, value, usage) },
	"DurationVar": func(p *time.Duration, name string, value time.Duration, usage string) {
		undefine(name)
		flag.DurationVar(p, name, value, usage)
	},
	"TextVar": func(p encoding.TextUnmarshaler, name string, value encoding.TextMarshaler, usage string) {
		undefine(name)
		flag.TextVar(p, name, value, usage)
	},
	"Func":     func(name, usage string, f func(string) error) { undefine(name); flag.Func(name, usage, f) },
	"BoolFunc": func(name, usage string, f func(string) error) { undefine(name); flag.BoolFunc(name, usage, f) },
	"Var":      func(value flag.Value, name, usage string) { undefine(name); flag.Var(value, name, usage) },
}

// undefine takes a flag out of flag.CommandLine.
func undefine(name string) {
	if flag.Lookup(name) == nil {
		return
	}
	rest := newCommandLine()
	flag.VisitAll(func(f *flag.Flag) {
		if f.Name != name {
			rest.Var(f.Value, f.Name, f.Usage)
		}
	})
	rest.Usage = flag.CommandLine.Usage
	*flag.CommandLine = *rest
}

// newCommandLine is flag.CommandLine of a program called main. What it cannot parse
// is a panic of the cell, because an exit would be one of the process.
func newCommandLine() *flag.FlagSet { return flag.NewFlagSet("main", flag.PanicOnError) }

func init() { *flag.CommandLine = *newCommandLine() }

var handlers = struct {
	sync.Mutex
	patterns []string // in order
	byName   map[string]http.Handler
}{byName: map[string]http.Handler{}}

// handle is http.Handle. A pattern that is there gets the newer handler, in a new
// DefaultServeMux: a ServeMux forgets nothing.
func handle(pattern string, h http.Handler) {
	handlers.Lock()
	defer handlers.Unlock()
	if _, there := handlers.byName[pattern]; !there {
		http.DefaultServeMux.Handle(pattern, h)
		handlers.patterns = append(handlers.patterns, pattern)
		handlers.byName[pattern] = h
		return
	}
	handlers.byName[pattern] = h
	mux := http.NewServeMux()
	for _, p := range handlers.patterns {
		mux.Handle(p, handlers.byName[p])
	}
	http.DefaultServeMux = mux
}
