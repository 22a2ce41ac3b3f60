package wire

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
)

func decode(content string, r Request) error {
	return (&Message{Header: Header{Type: "x_request"}, Content: json.RawMessage(content)}).Decode(r)
}

// Fault test 5, as far as reading goes.
func TestFieldsThatAreAbsentNullOrOfTheWrongTypeHaveTheirDefaults(t *testing.T) {
	none := map[string]string{}
	for _, c := range []struct {
		content string
		into    Request
		want    Request
		fails   string // words of the error
	}{
		{`{}`, &ExecuteRequest{}, &ExecuteRequest{StoreHistory: true, StopOnError: true, UserExpressions: none}, ""},
		{`{"code":null,"silent":null,"user_expressions":null,"stop_on_error":null}`, &ExecuteRequest{},
			&ExecuteRequest{StoreHistory: true, StopOnError: true, UserExpressions: none}, ""},
		{`{"code":"1","silent":true}`, &ExecuteRequest{}, &ExecuteRequest{Code: "1", Silent: true, StopOnError: true, UserExpressions: none}, ""},
		{`{"code":"1","silent":true,"store_history":true}`, &ExecuteRequest{}, &ExecuteRequest{Code: "1", Silent: true, StopOnError: true, UserExpressions: none}, ""},
		{`{"code":"1","store_history":false,"allow_stdin":true,"stop_on_error":false,"user_expressions":{"a":"b","c":3}}`, &ExecuteRequest{},
			&ExecuteRequest{Code: "1", AllowStdin: true, UserExpressions: map[string]string{"a": "b"}}, ""},
		{`{"code":"1","silent":"yes","store_history":[],"user_expressions":[1],"allow_stdin":1,"stop_on_error":{}}`, &ExecuteRequest{},
			&ExecuteRequest{Code: "1", StoreHistory: true, StopOnError: true, UserExpressions: none}, ""},
		{`{"code":7,"silent":true}`, &ExecuteRequest{}, &ExecuteRequest{Silent: true, StopOnError: true, UserExpressions: none}, "x_request: code is a number, want a string"},
		{`{"code":["a"]}`, &ExecuteRequest{}, &ExecuteRequest{StoreHistory: true, StopOnError: true, UserExpressions: none}, "code is an array"},
		{`[1]`, &ExecuteRequest{}, &ExecuteRequest{StoreHistory: true, StopOnError: true, UserExpressions: none}, "unreadable content: array where an object belongs"},
		{`null`, &ExecuteRequest{}, &ExecuteRequest{StoreHistory: true, StopOnError: true, UserExpressions: none}, "unreadable content: null"},
		{``, &ExecuteRequest{}, &ExecuteRequest{StoreHistory: true, StopOnError: true, UserExpressions: none}, "unreadable content"},
		{`{"code":`, &ExecuteRequest{}, &ExecuteRequest{StoreHistory: true, StopOnError: true, UserExpressions: none}, "unreadable content"},
		{"{\"code\":\"a\xffb\\u2028\\u0000\"}", &ExecuteRequest{}, &ExecuteRequest{Code: "a\ufffdb\u2028\x00", StoreHistory: true, StopOnError: true, UserExpressions: none}, ""},
		{`{"Code":"no","code":"yes","unknown":[{}]}`, &IsCompleteRequest{}, &IsCompleteRequest{Code: "yes"}, ""},

		// Fault test 7: cursors.
		{`{"code":"a😀b"}`, &CompleteRequest{}, &CompleteRequest{Code: "a😀b", Cursor: 3}, ""},
		{`{"code":"a😀b","cursor_pos":2}`, &CompleteRequest{}, &CompleteRequest{Code: "a😀b", Cursor: 2}, ""},
		{`{"code":"a😀b","cursor_pos":-5}`, &CompleteRequest{}, &CompleteRequest{Code: "a😀b"}, ""},
		{`{"code":"a😀b","cursor_pos":99999}`, &CompleteRequest{}, &CompleteRequest{Code: "a😀b", Cursor: 3}, ""},
		{`{"code":"a😀b","cursor_pos":1e300}`, &CompleteRequest{}, &CompleteRequest{Code: "a😀b", Cursor: 3}, ""},
		{`{"code":"a😀b","cursor_pos":1.9}`, &CompleteRequest{}, &CompleteRequest{Code: "a😀b", Cursor: 1}, ""},
		{`{"code":"a😀b","cursor_pos":"2"}`, &CompleteRequest{}, &CompleteRequest{Code: "a😀b", Cursor: 3}, ""},
		{`{"code":"","cursor_pos":4,"detail_level":7}`, &InspectRequest{}, &InspectRequest{Detail: 1}, ""},
		{`{"detail_level":-7}`, &InspectRequest{}, &InspectRequest{}, ""},

		{`{}`, &HistoryRequest{}, &HistoryRequest{Access: "tail", Raw: true, Pattern: "*"}, ""},
		{`{"hist_access_type":"range","session":-1,"start":2,"stop":4,"n":-3,"output":true}`, &HistoryRequest{},
			&HistoryRequest{Access: "range", Raw: true, Pattern: "*", Session: -1, Start: 2, Stop: 4, Output: true}, ""},
		{`{"hist_access_type":5}`, &HistoryRequest{}, &HistoryRequest{Access: "tail", Raw: true, Pattern: "*"}, "hist_access_type is a number"},
		{`{"target_name":7}`, &CommInfoRequest{}, &CommInfoRequest{}, ""},
		{`{"comm_id":"a","data":null}`, &CommMsg{}, &CommMsg{ID: "a", Data: Dict{}}, ""},
		{`{"comm_id":"a","data":[]}`, &CommClose{}, &CommClose{ID: "a", Data: Dict{}}, ""},
		{`{"data":{"x":1}}`, &CommOpen{}, &CommOpen{Data: Dict{"x": 1.0}}, ""},
		{`{"restart":"yes"}`, &ShutdownRequest{}, &ShutdownRequest{}, ""},
		{`{"restart":true}`, &ShutdownRequest{}, &ShutdownRequest{Restart: true}, ""},
		{`{"subshell_id":null}`, &SubshellRequest{}, &SubshellRequest{}, ""},
		{`{"command":"attach","seq":3}`, &DebugRequest{}, &DebugRequest{Seq: 3, Command: "attach", Arguments: Dict{}}, ""},
		{`{"value":"\u0004"}`, &InputReply{}, &InputReply{Value: "\x04"}, ""},
		{`{"value":1}`, &InputReply{}, &InputReply{}, "value is a number"},
	} {
		err := decode(c.content, c.into)
		if !reflect.DeepEqual(c.into, c.want) {
			t.Errorf("%s\n got %+v\nwant %+v", c.content, c.into, c.want)
		}
		if c.fails == "" && err != nil || c.fails != "" && (err == nil || !strings.Contains(err.Error(), c.fails)) {
			t.Errorf("%s: error %v, want %q", c.content, err, c.fails)
		}
	}
}

func TestDeepAndLargeContent(t *testing.T) {
	var r ExecuteRequest
	deep := `{"code":"1","x":` + strings.Repeat("[", 100000) + strings.Repeat("]", 100000) + `}`
	if err := decode(deep, &r); err == nil || !strings.Contains(err.Error(), "deeper than 1000") {
		t.Errorf("100,000 levels: %v", err)
	}
	if err := decode(strings.Repeat("{\"a\":", 5<<20), &r); err == nil {
		t.Error("an endless object is accepted")
	}
	inText := `{"code":"` + strings.Repeat("[{", 5000) + `\"[["}`
	if err := decode(inText, &r); err != nil || len(r.Code) != 10003 {
		t.Errorf("brackets in a string: %v", err)
	}
	code := "// " + strings.Repeat("x", 16<<20)
	if err := decode(`{"code":"`+code+`"}`, &r); err != nil || r.Code != code {
		t.Errorf("16 MB of comment: %v", err)
	}
}

func TestNothingIsNull(t *testing.T) {
	contents := []any{
		StatusReply{}, ErrorReply{}, KernelInfoReply{LanguageInfo: LanguageInfo{CodemirrorMode: "go"}}, ExecuteReply{}, ExecuteError{},
		ExpressionValue{}, Aborted{}, CompleteReply{}, InspectReply{}, IsCompleteReply{}, HistoryReply{}, CommInfoReply{},
		ShutdownReply{}, SubshellReply{}, SubshellListReply{}, UsageReply{}, InputRequest{}, Status{}, ExecuteInput{}, Stream{},
		DisplayData{}, ExecuteResult{}, ClearOutput{}, ErrorOutput{}, CommOpen{}, CommMsg{}, CommClose{}, IOPubWelcome{}, DebugEvent{},
	}
	for _, c := range contents {
		m, err := NewAuthor("k").Publish("kind", nil, c)
		if err != nil {
			t.Errorf("%T: %v", c, err)
			continue
		}
		if strings.Contains(string(m.Content), "null") || m.Content[0] != '{' {
			t.Errorf("%T is %s", c, m.Content)
		}
	}
}

func TestContentsAsTheProtocolHasThem(t *testing.T) {
	out := "2"
	for want, c := range map[string]any{
		`{"status":"ok","execution_count":3,"payload":[],"user_expressions":{}}`: ExecuteReply{Count: 3},
		`{"status":"aborted"}`: Aborted{},
		`{"status":"ok","history":[[1,2,"a"],[1,3,["b","2"]],[1,4,["c",null]]]}`:                                           HistoryReply{History: []HistoryRow{{Session: 1, Line: 2, Input: "a"}, {1, 3, "b", true, &out}, {1, 4, "c", true, nil}}},
		`{"comms":{"x":{"target_name":"t"}},"status":"ok"}`:                                                                CommInfoReply{Comms: map[string]CommTarget{"x": {"t"}}},
		`{"status":"ok","subshell_id":[]}`:                                                                                 SubshellListReply{},
		`{"ename":"Panic","evalue":"<&>","traceback":["a","b"]}`:                                                           ErrorOutput{"Panic", "<&>", []string{"a", "b"}},
		`{"data":{"text/plain":"x"},"metadata":{},"transient":{"display_id":"7"}}`:                                         DisplayData{Data: map[string]any{"text/plain": "x"}, Transient: DisplayID("7")},
		`{"status":"error","execution_count":1,"ename":"E","evalue":"","traceback":[],"payload":[],"user_expressions":{}}`: ExecuteError{Count: 1, Name: "E"},
		`{"status":"ok","matches":[],"cursor_start":2,"cursor_end":2,"metadata":{}}`:                                       CompleteReply{Start: 2, End: 2},
	} {
		m, err := NewAuthor("k").New("kind", nil, c)
		if err != nil || string(m.Content) != want {
			t.Errorf("%T\n got %s, %v\nwant %s", c, m.Content, err, want)
		}
	}
	if _, err := NewAuthor("k").New("kind", nil, Dict{"x": math.NaN()}); err == nil {
		t.Error("NaN can be written")
	}
}

func TestHeaders(t *testing.T) {
	a := NewAuthor("me")
	seen := map[string]bool{}
	for range 1000 {
		m, err := a.New("status", nil, Status{"busy"})
		if err != nil || seen[m.Header.ID] {
			t.Fatalf("message id %q again, %v", m.Header.ID, err)
		}
		seen[m.Header.ID] = true
	}
	request := &Message{Identities: [][]byte{[]byte("id"), nil}, RawHeader: json.RawMessage(`{"msg_id":"7","msg_type":"x","new":1}`)}
	m, _ := a.Reply(request, "x_reply", StatusReply{})
	h, err := parseHeader(m.RawHeader)
	if err != nil || h != m.Header || h.Session != a.Session() || h.Version != "5.5" || h.Username != "me" || h.Type != "x_reply" {
		t.Errorf("header %s, %v", m.RawHeader, err)
	}
	if !strings.HasSuffix(h.Date, "Z") || !strings.Contains(h.Date, ".") {
		t.Errorf("date %s is not UTC with parts of a second", h.Date)
	}
	if string(m.Parent) != string(request.RawHeader) || len(m.Identities) != 2 {
		t.Errorf("reply %+v", m)
	}
	m, _ = a.Publish("status", nil, Status{"starting"})
	if string(m.Parent) != "{}" || string(m.Identities[0]) != "status" || len(m.Identities) != 1 {
		t.Errorf("published %+v", m)
	}
}

func TestMetadata(t *testing.T) {
	for raw, want := range map[string]string{
		`{"cellId":"a"}`: "map[cellId:a]", ``: "map[]", `null`: "map[]", `[1]`: "map[]", `{"a":`: "map[]",
		strings.Repeat("[", 5000): "map[]",
	} {
		m := &Message{Metadata: json.RawMessage(raw)}
		if d := m.MetadataMap(); d == nil || fmt.Sprint(map[string]any(d)) != want {
			t.Errorf("metadata %.30q is %v", raw, d)
		}
	}
}

func TestCursors(t *testing.T) {
	const text = "aé😀e\u0301z" // 1, 2, 4, 1, 2, 1 bytes
	for points, offset := range map[int]int{-5: 0, 0: 0, 1: 1, 2: 3, 3: 7, 4: 8, 5: 10, 6: 11, 7: 11, 1 << 40: 11} {
		if got := ByteOffset(text, points); got != offset {
			t.Errorf("code point %d is byte %d, want %d", points, got, offset)
		}
	}
	for offset, points := range map[int]int{-1: 0, 0: 0, 1: 1, 2: 1, 3: 2, 4: 2, 6: 2, 7: 3, 8: 4, 10: 5, 11: 6, 99: 6} {
		if got := CodePoints(text, offset); got != points {
			t.Errorf("byte %d is code point %d, want %d", offset, got, points)
		}
	}
	if ByteOffset("", 3) != 0 || CodePoints("", 3) != 0 {
		t.Error("empty text")
	}
}
