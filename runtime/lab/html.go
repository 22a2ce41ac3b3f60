package lab

import (
	"fmt"
	"html"
	"strings"
)

// Colours. Each stands twice: as one that reads on white and on black, for a notebook
// that is not trusted, whose sanitizer drops CSS variables, and then as the theme's.
const (
	ruleColor  = "#8c96a0"
	faintColor = "#7d8790"
	ruleTheme  = "var(--jp-border-color1,#8c96a0)"
	faintTheme = "var(--jp-ui-font-color2,#7d8790)"
)

// tone is how a verdict looks: ink that reads on white and on black, on a tint.
type tone struct{ ink, tint string }

var (
	good = &tone{"#25935a", "rgba(42,157,92,0.16)"}
	bad  = &tone{"#dd4b4b", "rgba(224,82,82,0.16)"}
	open = &tone{"#b87f00", "rgba(214,158,46,0.18)"}
)

var tones = map[string]*tone{
	"pass": good, "passed": good, "kept": good, "ok": good, "✓": good, "safe": good, "better": good,
	"fail": bad, "failed": bad, "broken": bad, "lost": bad, "wrong": bad, "✗": bad, "unsafe": bad, "worse": bad,
	"unclear": open, "open": open, "interrupted": open,
}

// verdict takes the word apart that is highlighted, if the cell begins with one.
func (c cell) verdict() (word, rest string, t *tone) {
	if c.form != words {
		return "", c.text, nil
	}
	end := strings.IndexAny(c.text, " .,:;!")
	if end < 0 {
		end = len(c.text)
	}
	word = c.text[:end]
	if t = tones[strings.ToLower(word)]; t == nil {
		return "", c.text, nil
	}
	return word, c.text[end:], t
}

// HTML is the table as HTML of the few elements and style attributes that JupyterLab
// lets through in a notebook that is not trusted. In a trusted one it takes its
// colours from the theme.
func (t *Table) HTML() string {
	t.fill()
	t.layout()
	var b strings.Builder
	const pad = "padding:0.35em 0.9em;"
	escape := func(s string) string { return strings.ReplaceAll(html.EscapeString(s), "\n", "<br>") }
	b.WriteString(`<table style="border-collapse:collapse;margin:0.4em 0;">` + "\n")
	if t.title != "" {
		fmt.Fprintf(&b, `<caption style="caption-side:top;text-align:left;font-weight:bold;font-size:110%%;padding:0.2em 0.9em 0.5em 0.9em;">%s</caption>`+"\n", escape(t.title))
	}
	b.WriteString("<thead><tr>")
	for _, c := range t.columns {
		unit := ""
		if c.unit != "" {
			unit = fmt.Sprintf(`<br><span style="font-weight:normal;font-size:85%%;color:%s;color:%s;">%s</span>`, faintColor, faintTheme, html.EscapeString(c.unit))
		}
		fmt.Fprintf(&b, `<th style="%stext-align:%s;vertical-align:top;white-space:nowrap;border-bottom:2px solid %s;border-bottom:2px solid %s;">%s%s</th>`,
			pad, c.align(), ruleColor, ruleTheme, html.EscapeString(c.name), unit)
	}
	b.WriteString("</tr></thead>\n<tbody>\n")
	for r, row := range t.rows {
		if first, last := t.folded(); r >= first && r < last {
			if r == first {
				fmt.Fprintf(&b, `<tr><td colspan="%d" style="%stext-align:left;color:%s;color:%s;">%s</td></tr>`+"\n", len(t.columns), pad, faintColor, faintTheme, foldedText(last-first))
			}
			continue
		}
		b.WriteString("<tr>")
		for i, c := range t.columns {
			text := escape(c.texts[r])
			nowrap := ""
			if word, rest, tone := row[i].verdict(); tone != nil {
				text = fmt.Sprintf(`<span style="color:%s;background-color:%s;border-radius:0.7em;padding:0.1em 0.6em;font-weight:bold;">%s</span>%s`,
					tone.ink, tone.tint, escape(word), escape(rest))
			} else if j := strings.Index(text, " ["); j > 0 && row[i].form == spread {
				text = fmt.Sprintf(`%s<span style="font-size:90%%;color:%s;color:%s;">%s</span>`, text[:j], faintColor, faintTheme, text[j:])
			}
			if c.numeric {
				nowrap = "white-space:nowrap;font-variant-numeric:tabular-nums;"
			}
			fmt.Fprintf(&b, `<td style="%stext-align:%s;%s">%s</td>`, pad, c.align(), nowrap, text)
		}
		b.WriteString("</tr>\n")
	}
	b.WriteString("</tbody>\n")
	if len(t.notes) > 0 {
		var notes []string
		for _, n := range t.notes {
			notes = append(notes, escape(n))
		}
		fmt.Fprintf(&b, `<tfoot><tr><td colspan="%d" style="%stext-align:left;font-size:85%%;color:%s;color:%s;border-top:1px solid %s;border-top:1px solid %s;">%s</td></tr></tfoot>`+"\n",
			len(t.columns), pad, faintColor, faintTheme, ruleColor, ruleTheme, strings.Join(notes, "<br>"))
	}
	b.WriteString("</table>")
	return b.String()
}

func (c column) align() string {
	if c.numeric {
		return "right"
	}
	return "left"
}
