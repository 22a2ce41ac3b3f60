package control_test

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"netsplit/runtime/control"
	"netsplit/runtime/display"
	"netsplit/runtime/host"
)

const ms = time.Millisecond

// front is a front end: it has the models that were opened, and what is displayed.
type front struct {
	mu     sync.Mutex
	absent bool // nobody is connected
	models map[string]map[string]any
	hear   map[string]func(host.CommEvent)
	shown  map[string]string // by display id
	views  []string          // of widgets
	sent   []map[string]any
	ids    int
}

func (f *front) Owner() host.Owner { return host.Owner{} }
func (f *front) Become(host.Owner) {}
func (f *front) Cancelled() bool   { return false }
func (f *front) Stop()             {}
func (f *front) Display(s host.Shown) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if view, ok := s.Data["application/vnd.jupyter.widget-view+json"].(map[string]any); ok {
		f.views = append(f.views, view["model_id"].(string))
	}
	f.shown[s.ID] = s.Data["text/plain"].(string)
}
func (f *front) Clear(bool)                         {}
func (f *front) Stdout() io.Writer                  { return os.Stdout }
func (f *front) Stderr() io.Writer                  { return io.Discard }
func (f *front) Input(string, bool) (string, error) { return "", io.EOF }
func (f *front) CommOpen(id, target string, data, metadata map[string]any, _ [][]byte, on func(host.CommEvent)) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.absent {
		return host.ErrNoFrontEnd
	}
	if target != "jupyter.widget" || metadata["version"] != "2.1.0" {
		return fmt.Errorf("target %s, metadata %v", target, metadata)
	}
	f.models[id], f.hear[id] = roundTrip(data)["state"].(map[string]any), on
	return nil
}
func (f *front) CommSend(id string, data, _ map[string]any, _ [][]byte) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sent = append(f.sent, roundTrip(data))
	return nil
}
func (f *front) CommClose(string, map[string]any) error { return nil }
func (f *front) Limits() host.Limits                    { return host.Limits{} }
func (f *front) Describe(v any) host.Description        { return host.Reflect(v) }
func (f *front) NewID() string                          { f.ids++; return fmt.Sprint("id-", f.ids) }

func roundTrip(data map[string]any) map[string]any {
	text, err := json.Marshal(data)
	if err != nil {
		panic(err)
	}
	var out map[string]any
	json.Unmarshal(text, &out)
	return out
}

// find is the id of the model of that name.
func (f *front) find(t *testing.T, name, description string) string {
	t.Helper()
	for id, m := range f.models {
		if m["_model_name"] == name && (description == "" || m["description"] == description) {
			return id
		}
	}
	t.Fatalf("there is no %s %q among %v", name, description, f.models)
	return ""
}

func (f *front) update(id string, state map[string]any) {
	f.hear[id](host.CommEvent{Kind: "msg", Data: map[string]any{"method": "update", "state": state, "buffer_paths": []any{}}})
}

var theFront front

func fresh() *front {
	theFront.mu.Lock()
	defer theFront.mu.Unlock()
	theFront.absent, theFront.models, theFront.hear = false, map[string]map[string]any{}, map[string]func(host.CommEvent){}
	theFront.shown, theFront.views, theFront.sent, theFront.ids = map[string]string{}, nil, nil, 0
	return &theFront
}

func TestMain(m *testing.M) {
	host.Install(&theFront)
	os.Exit(m.Run())
}

func TestMovingAControlRunsThePanelAgain(t *testing.T) {
	f := fresh()
	length := control.Slider("partition", 0*ms, 500*ms, 50*ms).Start(100 * ms)
	policy := control.Choice("policy", "none", "retry")
	ticked := control.Toggle("jitter")
	again := control.Button("again")
	control.Panel(func() any {
		return []any{display.Text(fmt.Sprint(length.Duration(), " ", policy.Text(), " ", ticked.Bool(), " ", again.Clicks())), display.Text("chart")}
	}, length, policy, ticked, again)
	shows := func(want string) {
		t.Helper()
		for _, text := range f.shown {
			if text == want {
				return
			}
		}
		t.Errorf("not shown: %q, but %v", want, f.shown)
	}
	shows("100ms none false 0")
	displays := len(f.shown)
	f.update(f.find(t, "IntSliderModel", "partition (ms)"), map[string]any{"value": 250.0})
	shows("250ms none false 0")
	f.update(f.find(t, "ToggleButtonsModel", ""), map[string]any{"index": 1.0})
	shows("250ms retry false 0")
	f.update(f.find(t, "CheckboxModel", ""), map[string]any{"value": true})
	shows("250ms retry true 0")
	f.hear[f.find(t, "ButtonModel", "")](host.CommEvent{Kind: "msg", Data: map[string]any{"method": "custom", "content": map[string]any{"event": "click"}}})
	shows("250ms retry true 1")
	if len(f.shown) != displays {
		t.Errorf("moving a control made new outputs: %v", f.shown)
	}
	if len(f.views) != 1 || f.models[f.views[0]]["_model_name"] != "VBoxModel" {
		t.Errorf("the views are %v", f.views)
	}
}

// A front end that connects later asks for the state.
func TestAModelTellsItsState(t *testing.T) {
	f := fresh()
	n := control.Slider("n", 1, 9, 2)
	n.MimeBundle()
	id := f.find(t, "IntSliderModel", "n")
	f.update(id, map[string]any{"value": 5.0})
	f.hear[id](host.CommEvent{Kind: "msg", Data: map[string]any{"method": "request_state"}})
	last := f.sent[len(f.sent)-1]
	if state := last["state"].(map[string]any); last["method"] != "update" || state["value"] != 5.0 || state["_model_name"] != "IntSliderModel" {
		t.Errorf("the answer is %v", last)
	}
	if n.Int() != 5 {
		t.Errorf("the slider stands at %d", n.Int())
	}
	f.update(id, map[string]any{"value": 500.0}) // beyond its end
	if n.Int() != 9 {
		t.Errorf("the slider left its range: %d", n.Int())
	}
}

// All that models name of other models is there, and modules and views are given.
func TestModelsReferToModels(t *testing.T) {
	f := fresh()
	control.Panel(func() any { return nil }, control.Play("seed", 1, 30), control.Slider("load", 0.0, 1.0, 0.05),
		control.Choice("policy", "a", "b", "c", "d", "e"), control.Toggle("t"), control.Button("b"))
	var check func(v any)
	check = func(v any) {
		switch x := v.(type) {
		case string:
			if id, is := strings.CutPrefix(x, "IPY_MODEL_"); is && f.models[id] == nil {
				t.Errorf("there is no model %s", id)
			}
		case []any:
			for _, e := range x {
				check(e)
			}
		}
	}
	for id, m := range f.models {
		for _, v := range m {
			check(v)
		}
		for _, key := range []string{"_model_module", "_model_module_version", "_model_name"} {
			if m[key] == nil || m[key] == "" {
				t.Errorf("model %s has no %s", id, key)
			}
		}
	}
}

func TestWithoutAFrontEndTheOutputsStandThere(t *testing.T) {
	f := fresh()
	f.absent = true
	load := control.Slider("load", 0.0, 1.0, 0.25).Start(0.5)
	control.Panel(func() any { return display.Text(fmt.Sprint("at ", load.Float())) }, load)
	found := map[string]bool{}
	for _, text := range f.shown {
		found[text] = true
	}
	if !found["at 0.5"] || !found["load: 0.5"] {
		t.Errorf("shown are %v", f.shown)
	}
}

func TestMistakesInControlsAreSentences(t *testing.T) {
	fresh()
	for want, do := range map[string]func(){
		"from 5 to 1":        func() { control.Slider("x", 5, 1, 1) },
		"durations all":      func() { control.Slider("x", 1, 5*ms, ms) },
		"numbers or dur":     func() { control.Slider("x", "a", "b", "c") },
		"name what there is": func() { control.Choice("x") },
		"not among a, b":     func() { control.Choice("x", "a", "b").Start("c") },
		"not a slider of":    func() { control.Slider("x", 1, 5, 1).Duration() },
	} {
		func() {
			defer func() {
				m, ok := recover().(*host.Mistake)
				if !ok || !strings.Contains(m.Text, want) && !strings.Contains(m.Text, strings.Replace(want, "not among", "is not among", 1)) {
					t.Errorf("the mistake is %v, want %q", m, want)
				}
			}()
			do()
		}()
	}
}

// A slider says where it stands; a panel moves with it.
func Example() {
	fresh()
	retries := control.Slider("retries", 0, 5, 1).Start(2)
	delay := control.Slider("delay", 0*ms, 100*ms, 10*ms)
	policy := control.Choice("policy", "none", "budget").Start("budget")
	fmt.Println(retries, retries.Int())
	fmt.Println(delay, delay.Duration())
	fmt.Println(policy)
	// Output:
	// retries: 2 2
	// delay: 0s 0s
	// policy: budget
}
