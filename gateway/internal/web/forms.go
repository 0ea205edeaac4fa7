package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"

	"google.golang.org/protobuf/reflect/protoreflect"

	"callsheet/gateway/internal/problem"
	"callsheet/gateway/internal/routes"
)

// form is a form post that somebody else's standard prescribes, and the RPC that answers it.
type form struct {
	path string
	rpc  protoreflect.FullName
	// query names the parameter of the address, and field the request's field, that hold the same text.
	query string
	field protoreflect.Name
	// member must be in the form with this value.
	member, value string
	// question, button and done are what a person reads who opens the address in a browser.
	question, button, done string
}

// standardForms lists them. One-click unsubscribing is RFC 8058: a mail program posts to the address in the mail,
// nothing else. People open the same address, and get a page whose button posts the same.
var standardForms = []form{{
	path:     "/v1/unsubscribe",
	rpc:      "callsheet.growth.v1.GrowthService.Unsubscribe",
	query:    "token",
	field:    "token",
	member:   "List-Unsubscribe",
	value:    "One-Click",
	question: "Do you want no more mails of this kind?",
	button:   "No more of these",
	done:     "You will get no more mails of this kind.",
}}

// acceptForms turns such a post into the JSON request of its RPC, and leaves everything else alone. A form whose RPC
// the protos do not have yet is not accepted.
func (g *Gateway) acceptForms(forms []form, next http.Handler) (http.Handler, error) {
	active := map[string]form{}
	targets := map[string]routes.Route{}
	for _, each := range forms {
		route, found := g.routes.RPC(each.rpc)
		if !found {
			continue
		}
		if err := each.fits(route); err != nil {
			return nil, err
		}
		active[each.path], targets[each.path] = each, route
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		posted, found := active[r.URL.Path]
		x := exchangeOf(r.Context())
		switch {
		case found && (r.Method == http.MethodGet || r.Method == http.MethodHead):
			x.route.Template = posted.path
			posted.page().show(w, false)
			return
		case !found || r.Method != http.MethodPost || !isForm(r):
			next.ServeHTTP(w, r)
			return
		}
		body, violations := posted.request(r)
		if len(violations) > 0 {
			x.fail(x.FieldInvalid(violations...))
			return
		}
		x.body = body
		if wantsPage(r) {
			w = &thanking{ResponseWriter: w, page: posted.page()}
		}
		next.ServeHTTP(w, asJSON(r, targets[posted.path].Template, body))
	}), nil
}

// fits says at start, not at the first click, that an RPC has moved away from under its form.
func (f form) fits(route routes.Route) error {
	field := route.RPC.Input().Fields().ByName(f.field)
	if field == nil || field.Kind() != protoreflect.StringKind || field.IsList() {
		return fmt.Errorf("%s: the request has no text field %s", f.rpc, f.field)
	}
	if route.HTTPMethod != http.MethodPost || route.Body != "*" || len(route.Variables()) > 0 {
		return fmt.Errorf("%s: must be a post to a fixed path, with the whole request as its body", f.rpc)
	}
	return nil
}

func (f form) page() click {
	return click{Question: f.question, Button: f.button, Done: f.done, Member: f.member, Value: f.value}
}

func isForm(r *http.Request) bool {
	media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return media == "application/x-www-form-urlencoded" || media == "multipart/form-data"
}

// request is the RPC's request as JSON.
func (f form) request(r *http.Request) ([]byte, []problem.Violation) {
	// PostFormValue reads both encodings that the standard allows; readBody has bounded what there is to read.
	if r.PostFormValue(f.member) != f.value {
		return nil, []problem.Violation{{Field: f.member, Rule: "must be " + f.value}}
	}
	token := r.URL.Query().Get(f.query)
	if token == "" {
		return nil, []problem.Violation{{Field: f.query, Rule: "must be in the address"}}
	}
	body, _ := json.Marshal(map[protoreflect.Name]string{f.field: token})
	return body, nil
}

func asJSON(r *http.Request, path string, body []byte) *http.Request {
	rewritten := r.Clone(r.Context())
	rewritten.URL = &url.URL{Path: path}
	rewritten.Header.Set("Content-Type", "application/json")
	rewritten.Body = io.NopCloser(bytes.NewReader(body))
	rewritten.ContentLength = int64(len(body))
	rewritten.Form, rewritten.PostForm, rewritten.MultipartForm = nil, nil, nil
	return rewritten
}
