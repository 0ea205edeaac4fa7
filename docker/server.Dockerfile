# Server, worker and stream: one image, three commands. Build from the project's folder:
#   docker build -f docker/server.Dockerfile .

FROM python:3.11-slim-trixie AS build
WORKDIR /build
COPY pyproject.toml requirements.lock README.md ./
COPY docker/locked.py docker/
RUN python docker/locked.py --project > runtime.lock \
 && python -m venv /opt/callsheet \
 && /opt/callsheet/bin/pip install --no-cache-dir --require-hashes -r runtime.lock
RUN python docker/locked.py googleapis-common-protos grpcio-tools hatchling mypy-protobuf protovalidate > tools.lock \
 && python -m venv /opt/tools \
 && /opt/tools/bin/pip install --no-cache-dir --require-hashes -r tools.lock
COPY protos protos
COPY src src
RUN PYTHONPATH=src /opt/tools/bin/python -m devstack.codegen \
 && /opt/tools/bin/pip wheel --no-cache-dir --no-build-isolation --no-deps --wheel-dir wheels . \
 && /opt/callsheet/bin/pip install --no-cache-dir --no-deps wheels/callsheet-*.whl

FROM python:3.11-slim-trixie
COPY --from=build /opt/callsheet /opt/callsheet
COPY db/invariants.sql /opt/callsheet/share/invariants.sql
ENV PATH=/opt/callsheet/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
ENV CALLSHEET_INVARIANTS=/opt/callsheet/share/invariants.sql
# A new volume takes its owner from what it is laid over.
RUN install -d -o 10001 -g 10001 /state
# A number and not a name: Kubernetes can then see for itself that this is not root.
USER 10001:10001
ENTRYPOINT ["callsheet"]
CMD ["serve"]
