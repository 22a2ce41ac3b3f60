package notebooks

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// documents are read beside the prose of the lessons and of the gallery.
var documents = []string{"README.md", "../README.md", "../CHANGELOG.md"}

// TestSpelling wants British English in the prose of all notebooks and of README.md and
// CHANGELOG.md: words that hunspell knows, with its dictionary en_GB, or that stand in
// words.txt, one a line: names, and words of the trade.
func TestSpelling(t *testing.T) {
	if _, err := exec.LookPath("hunspell"); err != nil {
		t.Fatal("the spelling is checked by hunspell, with its British dictionary (Debian: apt-get install hunspell hunspell-en-gb; install/test does)")
	}
	for _, l := range append(lessons(t), read(t, "gallery.ipynb")) {
		t.Run(l.name, func(t *testing.T) {
			texts := map[*cell]string{}
			var all strings.Builder
			for _, c := range l.cells {
				if texts[c] = plain(c.source); c.code() {
					texts[c] = plain(comments(c.source))
				}
				all.WriteString(texts[c] + "\n\n")
			}
			for _, word := range misspelt(t, all.String()) {
				where := l.path
				for _, c := range l.cells {
					if regexp.MustCompile(`\b` + regexp.QuoteMeta(word) + `\b`).MatchString(texts[c]) {
						where += fmt.Sprintf(", %v", c)
					}
				}
				t.Errorf("%s: %q %s", where, word, unknown)
			}
		})
	}
	for _, path := range documents {
		t.Run(filepath.Base(filepath.Dir(path))+"/"+filepath.Base(path), func(t *testing.T) {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			// Tables made from the lessons hold what was checked there, and hashes.
			for _, word := range misspelt(t, plain(indented.ReplaceAllString(generated.ReplaceAllString(string(text), ""), ""))) {
				t.Errorf("%s: %q %s", path, word, unknown)
			}
		})
	}
}

const unknown = "is no British English: correct it, or add it to notebooks/words.txt if it is a name or a word of the trade"

// TestWordsAreUsed keeps words.txt in order, and free of words that nothing needs.
func TestWordsAreUsed(t *testing.T) {
	words := known(t)
	if !slices.IsSortedFunc(words, func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) }) {
		t.Error("notebooks/words.txt is not sorted: LC_ALL=C sort -f -u -o notebooks/words.txt notebooks/words.txt")
	}
	var all strings.Builder
	for _, l := range append(lessons(t), read(t, "gallery.ipynb")) {
		for _, c := range l.cells {
			all.WriteString(c.source + "\n")
		}
	}
	for _, path := range documents {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	text := strings.ToLower(all.String())
	for _, word := range words {
		if !strings.Contains(text, strings.ToLower(word)) {
			t.Errorf("notebooks/words.txt: nothing says %q", word)
		}
	}
}

var (
	generated = regexp.MustCompile(`(?s)<!-- table of.*?<!-- end of the table`)
	indented  = regexp.MustCompile(`(?m)^(    |\t).*$`)
	comment   = regexp.MustCompile(`(?m)(?:^|\s)//[ \t](.*)$`)
	remote    = regexp.MustCompile(`https?://\S+|\S+\.(?:go|py|txt|md|ipynb|png|org|com|io)\b|\w+(?:/\w+)+`)
	target    = regexp.MustCompile(`\]\([^)]*\)`)
	camel     = regexp.MustCompile(`\b\w*[a-z][A-Z]\w*`)
	markup    = regexp.MustCompile(`<[^>\n]+>|&\w+;`)
	owner     = regexp.MustCompile(`'s\b`)
	sounds    = strings.NewReplacer("’", "'", "‘", "'", "“", `"`, "”", `"`, "–", " - ", "—", " - ", "*", " ", "…", " ")
)

// plain is prose without code, formulas, addresses and markup.
func plain(markdown string) string {
	text := target.ReplaceAllString(prose(markdown), "] ")
	return owner.ReplaceAllString(sounds.Replace(markup.ReplaceAllString(remote.ReplaceAllString(text, " "), " ")), "")
}

// comments are those of a code cell: prose, too, with names of the code in it.
func comments(code string) string {
	var b strings.Builder
	for _, m := range comment.FindAllStringSubmatch(code, -1) {
		if !strings.HasPrefix(m[1], "BEGIN ") && !strings.HasPrefix(m[1], "END ") {
			b.WriteString(camel.ReplaceAllString(m[1], " ") + "\n")
		}
	}
	return b.String()
}

func known(t *testing.T) []string {
	t.Helper()
	data, err := os.ReadFile("words.txt")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Fields(string(data))
}

// misspelt are the words that neither hunspell nor words.txt knows.
func misspelt(t *testing.T, text string) []string {
	t.Helper()
	if strings.TrimSpace(text) == "" {
		return nil
	}
	command := exec.Command("hunspell", "-d", "en_GB", "-i", "utf-8", "-l")
	command.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
	command.Stdin = strings.NewReader(text)
	var complaint bytes.Buffer
	command.Stderr = &complaint
	out, err := command.Output()
	if err != nil || complaint.Len() > 0 {
		t.Fatalf("hunspell -d en_GB: %v\n%s(Debian: apt-get install hunspell hunspell-en-gb)", err, complaint.String())
	}
	words := strings.Fields(string(out))
	slices.Sort(words)
	mine := known(t)
	return slices.DeleteFunc(slices.Compact(words), func(word string) bool {
		return slices.ContainsFunc(mine, func(k string) bool {
			return k == word || strings.ToLower(k) == k && strings.EqualFold(k, word)
		})
	})
}
