package upstream

import (
	"encoding/json"
	"fmt"
)

// ownServiceConfig keeps the published retries, and takes out the published deadlines: the library would apply the
// shorter of theirs and ours, while a caller of the gateway may ask for a longer one. It adds what only a client with
// several targets decides.
func ownServiceConfig(published []byte) (string, error) {
	config := map[string]json.RawMessage{}
	var methods []map[string]json.RawMessage
	err := json.Unmarshal(published, &config)
	if err == nil && config["methodConfig"] != nil {
		err = json.Unmarshal(config["methodConfig"], &methods)
	}
	if err != nil {
		return "", fmt.Errorf("the embedded gRPC service config: %w", err)
	}
	for _, method := range methods {
		delete(method, "timeout")
	}
	config["methodConfig"], err = json.Marshal(methods)
	if err != nil {
		return "", err
	}
	config["loadBalancingConfig"] = json.RawMessage(`[{"round_robin":{}}]`)
	config["healthCheckConfig"] = json.RawMessage(`{"serviceName":""}`)
	merged, err := json.Marshal(config)
	return string(merged), err
}
