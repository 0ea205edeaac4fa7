package web

import (
	"bytes"
	"net/http"
	"time"

	"github.com/swaggest/swgui/v5emb"

	"callsheet/gateway/gen/assets"
)

const docsPath = "/docs/"

// docsPage is Swagger UI, all of it from this binary.
func docsPage() http.Handler {
	return v5emb.New("Callsheet", "/openapi.json", docsPath)
}

func openAPIDocument() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(assets.OpenAPI))
	})
}
