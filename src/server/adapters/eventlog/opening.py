"""Which event log an installation has: Kafka where brokers are named, else a server that speaks the Redis protocol."""

from contextlib import AbstractAsyncContextManager

from server.adapters.eventlog.kafka import kafka_log
from server.adapters.eventlog.port import EventLog, LogPlace
from server.adapters.eventlog.valkey import valkey_log
from server.core.clock import Clock


def open_log(place: LogPlace, clock: Clock) -> AbstractAsyncContextManager[EventLog]:
    """The event log, until the block ends. It does not wait for a server: a call that finds none says so."""
    if place.kafka_brokers:
        return kafka_log(place.kafka_brokers, clock)
    return valkey_log(place.url, clock, partition_bytes=place.partition_bytes)
