package config

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

func load(t *testing.T, environment map[string]string) (Config, error) {
	t.Helper()
	return Load(func(name string) string { return environment[name] })
}

func TestDefaultsReachTheServerOnThisMachine(t *testing.T) {
	settings, err := load(t, map[string]string{"CALLSHEET_GRPC_PORT": "50099"})
	if err != nil {
		t.Fatal(err)
	}
	if settings.Address() != "127.0.0.1:8080" || settings.RequestTimeout != 30*time.Second {
		t.Errorf("unexpected defaults: %+v", settings)
	}
	if want := []string{"127.0.0.1:50099"}; !reflect.DeepEqual(settings.Targets, want) {
		t.Errorf("targets %v, want %v", settings.Targets, want)
	}
}

func TestListsAreReadAroundTheirSpaces(t *testing.T) {
	settings, err := load(t, map[string]string{
		"CALLSHEET_GRPC_TARGETS": "a:1, b:2,",
		"CALLSHEET_CORS_ORIGINS": "https://App.example , http://localhost:3000",
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"a:1", "b:2"}; !reflect.DeepEqual(settings.Targets, want) {
		t.Errorf("targets %v, want %v", settings.Targets, want)
	}
	if want := []string{"https://app.example", "http://localhost:3000"}; !reflect.DeepEqual(settings.CORSOrigins, want) {
		t.Errorf("origins %v, want %v", settings.CORSOrigins, want)
	}
}

func TestEveryBadVariableIsNamedAtOnce(t *testing.T) {
	bad := map[string]string{
		"CALLSHEET_HTTP_PORT":            "0",
		"CALLSHEET_GATEWAY_METRICS_PORT": "many",
		"CALLSHEET_GRPC_TARGETS":         "server",
		"CALLSHEET_GRPC_CONNECTIONS":     "0",
		"CALLSHEET_HTTP_BODY_LIMIT":      "1e6",
		"CALLSHEET_HTTP_TIMEOUT_SECONDS": "NaN",
		"CALLSHEET_HTTP_DRAIN_SECONDS":   "-1",
		"CALLSHEET_CORS_ORIGINS":         "app.example/",
		"CALLSHEET_LOG_FORMAT":           "xml",
		"CALLSHEET_GRPC_TLS_CERT":        "client.pem",
		"CALLSHEET_GRPC_TLS_CA":          "",
	}
	_, err := load(t, bad)
	if err == nil {
		t.Fatal("accepted")
	}
	for name := range bad {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("%s is not named in %q", name, err)
		}
	}
}
