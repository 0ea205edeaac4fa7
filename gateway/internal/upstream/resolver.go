package upstream

import (
	"net"

	"google.golang.org/grpc/resolver"
	"google.golang.org/grpc/resolver/manual"
)

// endpoint names the targets for one connection. A single host name is left to DNS, so that every replica behind it
// gets its turn; a list is taken as it stands.
func endpoint(targets []string) (string, []resolver.Builder) {
	if host, _, _ := net.SplitHostPort(targets[0]); len(targets) == 1 && net.ParseIP(host) == nil {
		return "dns:///" + targets[0], nil
	}
	list := manual.NewBuilderWithScheme("callsheet")
	list.InitialState(resolver.State{Endpoints: endpoints(targets)})
	return "callsheet:///servers", []resolver.Builder{list}
}

func endpoints(targets []string) []resolver.Endpoint {
	var found []resolver.Endpoint
	for _, target := range targets {
		host, _, _ := net.SplitHostPort(target)
		found = append(found, resolver.Endpoint{Addresses: []resolver.Address{{Addr: target, ServerName: host}}})
	}
	return found
}
