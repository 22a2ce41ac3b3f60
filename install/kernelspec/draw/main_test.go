package main

import (
	"bytes"
	"image"
	_ "image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheCommittedLogosAreTheDrawing(t *testing.T) {
	for name, want := range Files() {
		got, err := os.ReadFile(filepath.Join("..", name))
		if err != nil {
			t.Fatal(err)
		}
		if !same(t, name, got, want) {
			t.Errorf("%s is out of date: go run ./install/kernelspec/draw install/kernelspec", name)
		}
	}
}

// same compares pictures pixel by pixel: the bytes of a PNG file depend on the
// version of the compressor. A step of colour may differ, since some machines
// fuse multiplication and addition.
func same(t *testing.T, name string, a, b []byte) bool {
	if !strings.HasSuffix(name, ".png") {
		return bytes.Equal(a, b)
	}
	x, _, err := image.Decode(bytes.NewReader(a))
	if err != nil {
		t.Fatal(err)
	}
	y, _, err := image.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	if x.Bounds() != y.Bounds() {
		return false
	}
	near := func(a, b uint32) bool { return a>>8 <= b>>8+1 && b>>8 <= a>>8+1 }
	for i := range x.Bounds().Dx() {
		for j := range x.Bounds().Dy() {
			r, g, bl, al := x.At(i, j).RGBA()
			r2, g2, bl2, al2 := y.At(i, j).RGBA()
			if !near(r, r2) || !near(g, g2) || !near(bl, bl2) || !near(al, al2) {
				return false
			}
		}
	}
	return true
}
