package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// sourceFolder is a folder of sources: a lesson, a gallery, and what learners do not get.
func sourceFolder(t *testing.T) (folder string) {
	t.Helper()
	folder = t.TempDir()
	lesson, err := os.ReadFile("notebook/testdata/source.ipynb")
	if err != nil {
		t.Fatal(err)
	}
	gallery := []byte(`{"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": [{"cell_type": "code", "metadata": {}, "source": "1", "execution_count": 7, "outputs": []}]}`)
	for name, text := range map[string][]byte{
		"sprint-1/1.1-source.ipynb": lesson, "gallery.ipynb": gallery, "sprint-1/data/sizes.csv": []byte("1,2\n"),
		"words.txt": []byte("for tests"), "format_test.go": []byte("package notebooks"),
		"README.md": []byte("for authors"), "template.ipynb": []byte("{"), "testdata/wrong.ipynb": []byte("{"), ".ipynb_checkpoints/a.ipynb": []byte("{"),
	} {
		writeFile(t, filepath.Join(folder, name), string(text))
	}
	return folder
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// releasing runs the command and gives what it said.
func releasing(t *testing.T, want int, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	if code := release(args, &out, &errs); code != want {
		t.Fatalf("release %v: exit code %d\n%s%s", args, code, &out, &errs)
	}
	return out.String() + errs.String()
}

func TestReleaseOfAFolder(t *testing.T) {
	from, to := sourceFolder(t), filepath.Join(t.TempDir(), "course")
	said := releasing(t, 0, from, "-o", to)
	if strings.Count(said, "made ") != 3 {
		t.Errorf("it said\n%s", said)
	}
	if got := readFile(t, filepath.Join(to, "sprint-1/1.1-source.ipynb")); got != readFile(t, "notebook/testdata/source.released.ipynb") {
		t.Errorf("the copy of the lesson is\n%s", got)
	}
	if readFile(t, filepath.Join(to, "gallery.ipynb")) != readFile(t, filepath.Join(from, "gallery.ipynb")) {
		t.Error("the gallery, in which nothing is graded, was changed")
	}
	if readFile(t, filepath.Join(to, "sprint-1/data/sizes.csv")) != "1,2\n" {
		t.Error("the file beside the lesson did not come along")
	}
	for _, name := range []string{"README.md", "words.txt", "format_test.go", "template.ipynb", "testdata", ".ipynb_checkpoints"} {
		if _, err := os.Stat(filepath.Join(to, name)); err == nil {
			t.Errorf("%s is for authors, and was copied", name)
		}
	}
}

func TestReleaseLeavesCopiesAlone(t *testing.T) {
	from, to := sourceFolder(t), filepath.Join(t.TempDir(), "course")
	releasing(t, 0, from, "-o", to)
	lesson, mine := filepath.Join(from, "sprint-1/1.1-source.ipynb"), filepath.Join(to, "sprint-1/1.1-source.ipynb")
	gallery := filepath.Join(to, "gallery.ipynb")

	if said := releasing(t, 0, from, "-o", to, "--renew"); said != "" {
		t.Errorf("nothing is new, and yet it says %q", said)
	}
	answered := strings.Replace(readFile(t, mine), "your code is missing here", "I am working on it", 1)
	writeFile(t, mine, answered)
	if said := releasing(t, 0, from, "-o", to, "--renew"); said != "" {
		t.Errorf("only the learner changed something, and yet it says %q", said)
	}
	if said := releasing(t, 0, from, "-o", to); !strings.Contains(said, "left alone "+mine) || !strings.Contains(said, "--force") {
		t.Errorf("it says %q", said)
	}

	// The sources change, as after git pull: a copy that nobody touched follows.
	writeFile(t, lesson, strings.Replace(readFile(t, lesson), "A source", "A better source", 1))
	writeFile(t, filepath.Join(from, "gallery.ipynb"), strings.Replace(readFile(t, gallery), `"1"`, `"2"`, 1))
	said := releasing(t, 0, from, "-o", to, "--renew")
	if !strings.Contains(said, "renewed "+gallery) || !strings.Contains(said, "1.1-source.ipynb has changed since your copy was made") || strings.Count(said, "\n") != 2 {
		t.Errorf("it says\n%s", said)
	}
	if readFile(t, mine) != answered {
		t.Fatal("the learner's work is gone")
	}
	fresh := strings.TrimSuffix(mine, ".ipynb") + "-new.ipynb"
	if said := releasing(t, 0, from, "-o", to, "--renew", "--beside"); said != "made "+fresh+", beside yours\n" {
		t.Errorf("it says %q", said)
	}
	if !strings.Contains(readFile(t, fresh), "A better source") || readFile(t, mine) != answered {
		t.Error("the copy beside is not the new one, or the learner's work is gone")
	}
	if said := releasing(t, 0, from, "-o", to, "--renew"); said != "" {
		t.Errorf("the new one stands beside, and yet it says %q", said)
	}
	if said := releasing(t, 0, from, "-o", to, "--force"); !strings.Contains(said, "renewed "+mine) || !strings.Contains(readFile(t, mine), "A better source") {
		t.Errorf("--force says %q", said)
	}
}

func TestReleaseWritesNothingWhenASourceIsRefused(t *testing.T) {
	from, to := sourceFolder(t), filepath.Join(t.TempDir(), "course")
	bad := strings.Replace(readFile(t, filepath.Join(from, "sprint-1/1.1-source.ipynb")), "// END SOLUTION", "// END", 1)
	writeFile(t, filepath.Join(from, "sprint-1/1.2-bad.ipynb"), bad)
	said := releasing(t, 1, from, "-o", to)
	if !strings.Contains(said, "1.2-bad.ipynb: cell 6 (source-double), line 2: BEGIN SOLUTION without END SOLUTION") || !strings.Contains(said, "nothing was written") {
		t.Errorf("it says\n%s", said)
	}
	if _, err := os.Stat(to); err == nil {
		t.Error("something was written")
	}
}

func TestReleaseOfOneNotebookAndOfSeveralFolders(t *testing.T) {
	from, to := sourceFolder(t), t.TempDir()
	releasing(t, 0, "-o", to, filepath.Join(from, "sprint-1/1.1-source.ipynb"), filepath.Join(from, "gallery.ipynb"))
	readFile(t, filepath.Join(to, "1.1-source.ipynb"))
	said := releasing(t, 1, "-o", to, from, sourceFolder(t))
	if !strings.Contains(said, "would both become") {
		t.Errorf("two sources of one place: it says %q", said)
	}
	for _, args := range [][]string{{}, {from}, {"-o", to}, {from, "-o", to, "--force", "--renew"}, {"--what"}} {
		releasing(t, 2, args...)
	}
}
