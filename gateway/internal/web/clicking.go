package web

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"
	"strings"
)

//go:embed click.html
var clickPage string

var clickTemplate = template.Must(template.New("click").Parse(clickPage))

// click is what somebody reads who opens a form's address in a browser: what the button will do, or that it was done.
// Opening it changes nothing, because mail scanners open every link.
type click struct {
	Question, Button, Done string
	Member, Value          string
}

// show writes the page. Its form posts to the address it was opened at, so the token stands nowhere in the page.
func (c click) show(w http.ResponseWriter, done bool) {
	var page bytes.Buffer
	// The template and its data are constants: it fails in the tests or never.
	if err := clickTemplate.Execute(&page, map[string]any{"Click": c, "Clicked": done}); err != nil {
		panic(err)
	}
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'")
	// The address carries a token that outlives the visit.
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Cache-Control", "no-store")
	_, _ = w.Write(page.Bytes())
}

func wantsPage(r *http.Request) bool { return strings.Contains(r.Header.Get("Accept"), "text/html") }

// thanking shows the page in place of the RPC's answer. Failures do not come this way: they go to the exchange.
type thanking struct {
	http.ResponseWriter
	page  click
	shown bool
}

func (t *thanking) Write(data []byte) (int, error) {
	if !t.shown {
		t.shown = true
		t.page.show(t.ResponseWriter, true)
	}
	return len(data), nil
}
