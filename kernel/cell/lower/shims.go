package lower

import (
	"fmt"
	"go/ast"
	"go/types"
)

// shims are functions of std that cells call through rt, chosen by the callee.
// The rt function has the same parameters and results.
var shims = map[string]string{
	"fmt.Print":    "Print",
	"fmt.Println":  "Println",
	"fmt.Printf":   "Printf",
	"fmt.Fprint":   "Fprint",
	"fmt.Fprintln": "Fprintln",
	"fmt.Fprintf":  "Fprintf",
	"fmt.Sprint":   "Sprint",
	"fmt.Sprintln": "Sprintln",
	"fmt.Sprintf":  "Sprintf",
	"fmt.Append":   "Append",
	"fmt.Appendln": "Appendln",
	"fmt.Appendf":  "Appendf",
	"fmt.Errorf":   "Errorf",

	"time.Sleep":     "Sleep",
	"time.AfterFunc": "AfterFunc",
	"runtime.Goexit": "Goexit",

	"encoding/json.Marshal":       "JSONMarshal",
	"encoding/json.MarshalIndent": "JSONMarshalIndent",
	"encoding/json.Unmarshal":     "JSONUnmarshal",
}

// placedShims are functions of std that cells call through rt with the position of
// the call before the arguments.
var placedShims = map[string]string{
	"os.Exit":     "ExitAt",
	"log.Fatal":   "LogFatal",
	"log.Fatalf":  "LogFatalf",
	"log.Fatalln": "LogFatalln",
}

// bareArguments are functions of std that look into an any by reflection and keep
// nothing of it: they get the erased value instead of a box.
var bareArguments = map[string]bool{
	"sort.Slice":            true,
	"sort.SliceStable":      true,
	"sort.SliceIsSorted":    true,
	"reflect.Swapper":       true,
	"fmt.Sscan":             true,
	"fmt.Sscanf":            true,
	"fmt.Sscanln":           true,
	"fmt.Scan":              true,
	"fmt.Scanf":             true,
	"fmt.Scanln":            true,
	"fmt.Fscan":             true,
	"fmt.Fscanf":            true,
	"fmt.Fscanln":           true,
	"encoding/binary.Read":  true,
	"encoding/binary.Write": true,
	"encoding/binary.Size":  true,
}

// offered are interfaces that functions and methods of a package look for in every any
// that they are given.
var offered = map[string]string{
	"log/slog": "LogValuer",
}

// offer gives arguments for a package that looks for methods the wrapper which has them.
func (f *fn) offer(o *types.Func, e *ast.CallExpr, args []argument) {
	if o.Pkg() == nil || e.Ellipsis.IsValid() || offered[o.Pkg().Path()] == "" {
		return
	}
	for i := range args {
		if i >= len(e.Args) || args[i].typ != "any" || f.native(f.typeOf(e.Args[i])) && !isInterface(f.typeOf(e.Args[i])) {
			continue
		}
		low := args[i].low
		args[i].low = func() string {
			return fmt.Sprintf("%s((*%s.%s)(nil), %s)", f.rt("Offer"), f.alias(o.Pkg().Path()), offered[o.Pkg().Path()], low())
		}
	}
}

// blind are functions and methods of std that look into an any by reflection and would
// see a box where a learner has a value of a cell's type: that is refused.
var blind = map[string]bool{
	"encoding/xml.Marshal":                  true,
	"encoding/xml.MarshalIndent":            true,
	"encoding/xml.Unmarshal":                true,
	"(*encoding/xml.Encoder).Encode":        true,
	"(*encoding/xml.Encoder).EncodeElement": true,
	"(*encoding/xml.Decoder).Decode":        true,
	"(*encoding/xml.Decoder).DecodeElement": true,
	"encoding/gob.Register":                 true,
	"encoding/gob.RegisterName":             true,
	"(*encoding/gob.Encoder).Encode":        true,
	"(*encoding/gob.Decoder).Decode":        true,
	"encoding/asn1.Marshal":                 true,
	"encoding/asn1.MarshalWithParams":       true,
	"encoding/asn1.Unmarshal":               true,
	"encoding/asn1.UnmarshalWithParams":     true,
	"net/rpc.Register":                      true,
	"net/rpc.RegisterName":                  true,
	"(*net/rpc.Server).Register":            true,
	"(*net/rpc.Server).RegisterName":        true,
	"(*net/rpc.Client).Call":                true,
	"(*net/rpc.Client).Go":                  true,
}

// methodShim is a method of std that cells call through rt: receiver first, then
// the position if pos is set, then the arguments.
type methodShim struct {
	name string
	pos  bool
}

var methodShims = map[string]methodShim{
	"(*sync.Mutex).Lock":      {"Lock", true},
	"(*sync.Mutex).Unlock":    {"Unlock", true},
	"(*sync.RWMutex).Lock":    {"LockRW", true},
	"(*sync.RWMutex).Unlock":  {"UnlockRW", true},
	"(*sync.RWMutex).RLock":   {"RLockRW", true},
	"(*sync.RWMutex).RUnlock": {"RUnlockRW", true},
	"(*sync.WaitGroup).Wait":  {"Wait", true},
	"(*sync.WaitGroup).Go":    {"GoWait", true},
	"(*sync.Cond).Wait":       {"WaitCond", true},
	"(sync.Locker).Lock":      {"LockLocker", true},
	"(*log.Logger).Fatal":     {"LoggerFatal", true},
	"(*log.Logger).Fatalf":    {"LoggerFatalf", true},
	"(*log.Logger).Fatalln":   {"LoggerFatalln", true},

	"(*encoding/json.Decoder).Decode": {"JSONDecode", false},
	"(*encoding/json.Encoder).Encode": {"JSONEncode", false},

	"(*text/template.Template).Execute":         {"TemplateExecute", false},
	"(*text/template.Template).ExecuteTemplate": {"TemplateExecuteTemplate", false},
	"(*text/template.Template).Funcs":           {"TemplateFuncs", false},
	"(*html/template.Template).Execute":         {"HTMLExecute", false},
	"(*html/template.Template).ExecuteTemplate": {"HTMLExecuteTemplate", false},
	"(*html/template.Template).Funcs":           {"HTMLFuncs", false},
}

// shimOf is the rt function for a function of std, or "".
func shimOf(o *types.Func) string {
	if o.Pkg() == nil || o.Signature().Recv() != nil {
		return ""
	}
	return shims[o.Pkg().Path()+"."+o.Name()]
}
