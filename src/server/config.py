"""The settings, and the only reader of the environment in server, worker and stream."""

import os
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Annotated, Self

from pydantic import AliasChoices, Base64Bytes, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from server.adapters.eventlog.port import LogPlace
from server.promo.tokens import TokenKeys

Port = Annotated[int, Field(ge=1, le=65535)]


class LogFormat(StrEnum):
    """How log lines look: for machines or for people."""

    JSON = "json"
    CONSOLE = "console"


_DATAFLOW_API = "BYTEWAX_DATAFLOW_API_ENABLED"


class Settings(BaseSettings):
    """Everything that differs between one installation and another. Variables carry the prefix CALLSHEET_ unless
    named.
    """

    model_config = SettingsConfigDict(env_prefix="CALLSHEET_", frozen=True, extra="ignore")

    grpc_host: str = "127.0.0.1"
    grpc_port: Port = 50051
    http_port: Port = 8080
    metrics_host: str = "127.0.0.1"
    metrics_port: Port = 9464
    worker_metrics_port: Port | None = None
    stream_metrics_port: Port | None = None
    state_dir: Path = Path(".callsheet")

    database_url: SecretStr = SecretStr("")
    migration_url: SecretStr = SecretStr("")
    stream_database_url: SecretStr = SecretStr("")
    database_listen_url: SecretStr = Field(
        default=SecretStr(""), description="A direct connection, where database_url leads to a pooler"
    )
    database_pool_size: Annotated[int, Field(ge=1, le=200)] = 10
    database_pooler: bool = Field(
        default=False, description="True behind RDS Proxy or PgBouncer: no prepared statements are kept"
    )

    log_url: SecretStr = SecretStr("redis://127.0.0.1:6379/0")
    kafka_brokers: str = Field(default="", description="host:port, …: the event log is then there, not at log_url")
    budget_url: SecretStr = SecretStr("redis://127.0.0.1:6380/0")
    budget_cluster: bool = Field(default=False, description="True where budget_url is one of a cluster's servers")
    viewings_url: SecretStr = Field(
        default=SecretStr(""),
        description="Where servers count together what each viewer was shown; empty counts in each process alone",
    )
    log_partitions: Annotated[int, Field(ge=1, le=256)] = 4
    log_partition_bytes: Annotated[int, Field(ge=1024 * 1024)] = Field(
        default=64 * 1024 * 1024, description="All partitions together stay well below the log's maxmemory"
    )

    ingest_waiting_events: Annotated[int, Field(ge=500)] = Field(
        default=10_000, description="Events that may wait for the log in one process; more are refused"
    )
    ingest_lag_records: Annotated[int, Field(ge=1)] = Field(
        default=20_000, description="Records of a partition that its reader may be behind; past it, events are refused"
    )
    promo_lists_dir: Path | None = Field(
        default=None, description="Where newer lists of networks and robots are put, beside those that come along"
    )

    s3_endpoint: str = ""
    s3_bucket: str = "callsheet"
    aws_region: str = Field(default="us-east-1", validation_alias="AWS_REGION")
    aws_access_key_id: SecretStr = Field(default=SecretStr(""), validation_alias="AWS_ACCESS_KEY_ID")
    aws_secret_access_key: SecretStr = Field(default=SecretStr(""), validation_alias="AWS_SECRET_ACCESS_KEY")

    stripe_api_key: SecretStr = Field(default=SecretStr(""), validation_alias="STRIPE_API_KEY")
    stripe_api_base: str = ""
    stripe_webhook_secret: SecretStr = SecretStr("")

    smtp_url: SecretStr = SecretStr("")
    mail_from: str = "Callsheet <no-reply@callsheet.example>"
    public_url: str = Field(
        default="http://127.0.0.1:8080", description="Where people reach the gateway: what links in mails begin with"
    )

    jwt_key: SecretStr = SecretStr("")
    jwks_url: str = ""
    jwt_issuer: str = "callsheet"
    jwt_audience: str = "callsheet"

    personal_data_key: Base64Bytes = b""
    pepper: SecretStr = SecretStr("")
    page_token_key: SecretStr = SecretStr("")
    impression_token_keys: SecretStr = Field(
        default=SecretStr(""),
        description="number:base64, …: the first signs, all of them verify; a key stays for seven days more",
    )

    tls_cert: Path | None = None
    tls_key: Path | None = None
    tls_client_ca: Path | None = None

    reflection: bool = False
    log_format: LogFormat = LogFormat.JSON
    log_level: str = "info"

    message_limit_bytes: Annotated[int, Field(ge=1024)] = 4 * 1024 * 1024
    concurrent_calls: Annotated[int, Field(ge=1)] = 1000
    streams_per_client: Annotated[int, Field(ge=1)] = 100
    calls_per_second: Annotated[int, Field(ge=1)] = 200
    default_deadline_seconds: Annotated[float, Field(gt=0, le=300)] = 10.0
    drain_seconds: Annotated[float, Field(ge=0, le=300)] = 20.0
    worker_concurrency: Annotated[int, Field(ge=1, le=200)] = 8

    otel_endpoint: str = Field(
        default="", validation_alias=AliasChoices("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
    )
    invariants: Path = Path("db/invariants.sql")
    crash_point: str = ""

    @field_validator("log_level")
    @classmethod
    def _known_level(cls, value: str) -> str:
        if value.lower() not in {"debug", "info", "warning", "error"}:
            raise ValueError("must be debug, info, warning or error")
        return value.lower()

    @field_validator("personal_data_key")
    @classmethod
    def _whole_key(cls, value: bytes) -> bytes:
        if value and len(value) != 32:
            raise ValueError("must be 32 bytes in base64")
        return value

    @field_validator("impression_token_keys")
    @classmethod
    def _readable_keys(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value():
            TokenKeys.parse(value.get_secret_value())
        return value

    @model_validator(mode="after")
    def _tls_whole(self) -> Self:
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ValueError("CALLSHEET_TLS_CERT and CALLSHEET_TLS_KEY come together")
        if self.tls_client_ca is not None and self.tls_cert is None:
            raise ValueError("CALLSHEET_TLS_CLIENT_CA needs CALLSHEET_TLS_CERT")
        return self

    @cached_property
    def grpc_address(self) -> str:
        return f"{self.grpc_host}:{self.grpc_port}"

    @property
    def listening_url(self) -> str:
        return self.database_listen_url.get_secret_value() or self.database_url.get_secret_value()

    @property
    def log_place(self) -> LogPlace:
        return LogPlace(self.log_url.get_secret_value(), self.kafka_brokers, self.log_partition_bytes)

    @property
    def token_keys(self) -> TokenKeys:
        return TokenKeys.parse(self.impression_token_keys.get_secret_value())

    @property
    def worker_port(self) -> int:
        return self.worker_metrics_port or self.metrics_port + 1

    @property
    def stream_port(self) -> int:
        return self.stream_metrics_port or self.metrics_port + 2

    def missing(self, *needs: str) -> list[str]:
        """Which needs are not met, as the variables an operator would set. `a|b` is met by either."""
        return [
            " or ".join(variable_name(name) for name in need.split("|"))
            for need in needs
            if not any(_filled(getattr(self, name)) for name in need.split("|"))
        ]


def variable_name(field: str) -> str:
    """The environment variable behind a field."""
    alias = Settings.model_fields[field].validation_alias
    return alias if isinstance(alias, str) else f"CALLSHEET_{field.upper()}"


def environment_with(name: str, value: str) -> dict[str, str]:
    """The environment for a process that we start, with one variable added."""
    return {**os.environ, name: value}


def dataflow_api_asked() -> bool:
    """Whether Bytewax would open its own API, which it does on every interface of the machine."""
    return _DATAFLOW_API in os.environ


def _filled(value: object) -> bool:
    return bool(value.get_secret_value()) if isinstance(value, SecretStr) else bool(value)
