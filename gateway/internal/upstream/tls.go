package upstream

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"strings"

	grpccredentials "google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"

	"callsheet/gateway/internal/config"
)

// serviceIdentity is what the server takes for a service of ours. The gateway must never hold one: it would lend the
// service's role to every caller from outside, token or not.
const serviceIdentity = "spiffe://callsheet/svc/"

func credentials(settings config.TLS) (grpccredentials.TransportCredentials, error) {
	if settings.CA == "" {
		return insecure.NewCredentials(), nil
	}
	authorities := x509.NewCertPool()
	pem, err := os.ReadFile(settings.CA)
	if err != nil {
		return nil, fmt.Errorf("CALLSHEET_GRPC_TLS_CA: %w", err)
	}
	if !authorities.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("CALLSHEET_GRPC_TLS_CA: %s holds no certificate", settings.CA)
	}
	options := &tls.Config{RootCAs: authorities, ServerName: settings.ServerName, MinVersion: tls.VersionTLS13}
	if settings.Cert != "" {
		own, err := ownCertificate(settings.Cert, settings.Key)
		if err != nil {
			return nil, fmt.Errorf("CALLSHEET_GRPC_TLS_CERT: %w", err)
		}
		options.Certificates = []tls.Certificate{own}
	}
	return grpccredentials.NewTLS(options), nil
}

func ownCertificate(certificate, key string) (tls.Certificate, error) {
	own, err := tls.LoadX509KeyPair(certificate, key)
	if err != nil {
		return own, err
	}
	for _, identity := range own.Leaf.URIs {
		if strings.HasPrefix(identity.String(), serviceIdentity) {
			return own, fmt.Errorf("%s makes every caller a service; use a name outside %s", identity, serviceIdentity)
		}
	}
	return own, nil
}
