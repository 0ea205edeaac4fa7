# The HTTP gateway: one static binary and nothing else. Build from the project's folder:
#   docker build -f docker/gateway.Dockerfile .

FROM golang:1.26-trixie AS go

# The generator is Python's, since protoc and the imports of the protos come as Python packages.
FROM python:3.11-slim-trixie AS build
COPY --from=go /usr/local/go /usr/local/go
ENV PATH=/usr/local/go/bin:$PATH GOTOOLCHAIN=local
WORKDIR /build
COPY pyproject.toml requirements.lock ./
COPY docker/locked.py docker/
RUN python docker/locked.py googleapis-common-protos grpcio-tools mypy-protobuf protovalidate > tools.lock \
 && python -m venv .venv \
 && .venv/bin/pip install --no-cache-dir --require-hashes -r tools.lock
COPY gateway/go.mod gateway/go.sum gateway/
RUN cd gateway && go mod download
COPY docs/grpc_service_config.json docs/
COPY protos protos
COPY src/devstack src/devstack
COPY gateway gateway
RUN gateway/build

FROM scratch
COPY --from=build /build/gateway/bin/gateway /gateway
USER 10001:10001
ENV CALLSHEET_HTTP_HOST=0.0.0.0
EXPOSE 8080
# The image has no shell; the binary can ask itself.
HEALTHCHECK --interval=5s --timeout=5s --start-period=30s CMD ["/gateway", "healthcheck"]
ENTRYPOINT ["/gateway"]
