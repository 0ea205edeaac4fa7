package web

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"
)

// bodyTimeout is how long a client may take to send what fits into the limit.
const bodyTimeout = 30 * time.Second

// readBody takes the whole body before anything else happens, so that a body over the limit, a slow or a broken one
// never begins a call.
func (g *Gateway) readBody(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x := exchangeOf(r.Context())
		body, err := g.wholeBody(x.answer.ResponseWriter, r)
		var tooLarge *http.MaxBytesError
		switch {
		case errors.As(err, &tooLarge):
			x.fail(x.TooLarge(fmt.Sprintf("the body is larger than %d bytes", tooLarge.Limit)))
			return
		case errors.Is(err, os.ErrDeadlineExceeded):
			w.Header().Set("Connection", "close")
			x.fail(x.Deadline("the body did not arrive in time"))
			return
		case err != nil:
			x.fail(x.Malformed("the body broke off"))
			return
		}
		x.body = body
		r.Body = io.NopCloser(bytes.NewReader(body))
		next.ServeHTTP(w, r)
	})
}

func (g *Gateway) wholeBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if r.Body == nil || r.Body == http.NoBody {
		return nil, nil
	}
	connection := http.NewResponseController(w)
	_ = connection.SetReadDeadline(time.Now().Add(bodyTimeout))
	// A deadline left in place would later look like a client that went away, and end a stream.
	defer func() { _ = connection.SetReadDeadline(time.Time{}) }()
	return io.ReadAll(http.MaxBytesReader(w, r.Body, g.settings.BodyLimit))
}
