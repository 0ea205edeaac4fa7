"""The core of a process, and the layers around its handlers."""

from collections.abc import Sequence
from contextlib import AsyncExitStack

from prometheus_client import CollectorRegistry

from server.adapters.eventlog.opening import open_log
from server.adapters.mail import mailer
from server.adapters.objects import s3
from server.bootstrap.parts import Core
from server.config import Settings
from server.core import db, tracing
from server.core.clock import Clock
from server.core.grpc.auth import Authenticator, Expected, KeySetVerifier, SharedKeyVerifier, Verifier
from server.core.grpc.exchange import Layer
from server.core.grpc.layers import (
    AuthLayer,
    ContextLayer,
    FailureLayer,
    ObservationLayer,
    RateLayer,
    ValidationLayer,
)
from server.core.grpc.once import IdempotentCalls
from server.core.ids import SystemIds
from server.core.jobs import Jobs
from server.core.metrics import CallMetrics
from server.core.notify import Wakeups
from server.core.outbox import Outbox
from server.core.pagination import PageTokens
from server.core.rates import Rates


async def core(
    stack: AsyncExitStack,
    settings: Settings,
    process: str,
    clock: Clock,
    registry: CollectorRegistry,
    observer: db.ObserverFactory | None,
) -> Core:
    ids = SystemIds(clock)
    database = await stack.enter_async_context(
        db.connect(
            settings.database_url.get_secret_value(),
            application=f"callsheet-{process}",
            size=settings.database_pool_size,
            pooler=settings.database_pooler,
            observe=observer,
        )
    )
    log = await stack.enter_async_context(open_log(settings.log_place, clock))
    mails = await stack.enter_async_context(mailer(settings.smtp_url.get_secret_value(), settings.mail_from))
    objects = await stack.enter_async_context(s3.connect(place(settings)))
    return Core(
        settings=settings,
        clock=clock,
        ids=ids,
        database=database,
        jobs=Jobs(clock, ids),
        outbox=Outbox(clock),
        log=log,
        mailer=mails,
        objects=objects,
        pages=PageTokens({1: settings.page_token_key.get_secret_value().encode()}, clock),
        wakeups=Wakeups(),
        calls=IdempotentCalls(clock),
        registry=registry,
    )


def place(settings: Settings) -> s3.Place:
    """Where files are kept."""
    return s3.Place(
        bucket=settings.s3_bucket,
        region=settings.aws_region,
        endpoint=settings.s3_endpoint,
        access_key=settings.aws_access_key_id.get_secret_value(),
        secret_key=settings.aws_secret_access_key.get_secret_value(),
    )


def layers(stack: AsyncExitStack, core: Core, process: str, own: Sequence[Layer]) -> list[Layer]:
    settings = core.settings
    layers: list[Layer] = [ContextLayer(core.ids, settings.default_deadline_seconds)]
    if settings.otel_endpoint:
        layers.append(stack.enter_context(tracing.tracing(process)))
    layers += [
        ObservationLayer(CallMetrics(core.registry)),
        FailureLayer(),
        AuthLayer(Authenticator(verifier(settings), core.clock)),
        *own,
        RateLayer(Rates(settings.calls_per_second)),
        ValidationLayer(settings.message_limit_bytes),
    ]
    return layers


def verifier(settings: Settings) -> Verifier:
    expected = Expected(settings.jwt_issuer, settings.jwt_audience)
    if settings.jwks_url:
        return KeySetVerifier(settings.jwks_url, expected)
    return SharedKeyVerifier(settings.jwt_key.get_secret_value(), expected)
