package sim_test

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"netsplit/runtime/sim"
)

// A film has nodes, states, messages and what is said, and is the same twice.
func TestAnAnimationShowsStatesMessagesAndFaults(t *testing.T) {
	film := func() map[string]any {
		world := sim.New(sim.Seed(7))
		world.Node("counter", Counter)
		world.Node("client", Client)
		world.Nodes("a b", Greeter)
		world.Send("a", "hello")
		world.Crash("counter").Between(20*ms, 100*ms)
		world.Partition("a", "b client").Between(30*ms, 90*ms)
		world.Run(1 * sec)
		return world.Animation().Title("A counter crashes").MimeBundle()
	}
	bundle := film()
	spec, err := json.Marshal(bundle["application/vnd.vega.v5+json"])
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"tip":"down"`, `"tip":"up"`, `"name":"back"`, `"name":"next"`, "partition a | b client", `"lost":true`, "sum=2"} {
		if !strings.Contains(string(spec), want) {
			t.Errorf("no %s in\n%s", want, spec)
		}
	}
	if text := bundle["text/plain"].(string); !strings.Contains(text, "20ms  counter crashes") {
		t.Errorf("the text is no transcript:\n%s", text)
	}
	image, err := base64.StdEncoding.DecodeString(bundle["image/png"].(string))
	if err != nil || len(image) < 1000 {
		t.Errorf("the picture has %d bytes, %v", len(image), err)
	}
	again, _ := json.Marshal(film())
	if first, _ := json.Marshal(bundle); string(first) != string(again) {
		t.Error("made twice, it differs")
	}
	if folder := os.Getenv("PICTURES"); folder != "" {
		os.WriteFile(folder+"/film.png", image, 0o644)
	}
}

func TestAWorldInWhichNothingHappensHasNoFilm(t *testing.T) {
	if b := sim.New().Animation().MimeBundle(); b["image/png"] != nil {
		t.Error("nothing was drawn as something")
	}
}

// What nodes note colours their lines and, in a film, themselves.
func TestNotesColourLines(t *testing.T) {
	world := sim.New()
	world.Nodes("a b", func(node *sim.Node) {
		node.Note("role", "follower")
		node.Sleep(10 * ms)
		if node.Name == "a" {
			node.Note("role", "leader")
		}
		node.Sleep(50 * ms)
	})
	world.Crash("a").Between(30*ms, 40*ms)
	world.Run(1 * sec)
	timeline, _ := json.Marshal(world.Timeline().By("role").MimeBundle()["application/vnd.vega.v5+json"])
	film, _ := json.Marshal(world.Animation().By("role").MimeBundle()["application/vnd.vega.v5+json"])
	if !strings.Contains(string(timeline), `"role":"leader","to":"30ms"`) {
		t.Errorf("the diagram does not show who led:\n%s", timeline)
	}
	if !strings.Contains(string(film), `"tip":"leader"`) || !strings.Contains(string(film), `"tip":"down"`) {
		t.Errorf("the film does not show who led:\n%s", film)
	}
}
