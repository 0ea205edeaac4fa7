"""Parts that the environment names and somebody else runs: whether anything answers there at all."""

import asyncio
from urllib.parse import urlsplit

from devstack.configuration import BadConfiguration, Configuration
from devstack.embedded import BUDGETS, DATABASE, KAFKA, LOG, S3, SMTP, STRIPE_BASE

PATIENCE_SECONDS = 5.0
DEFAULT_PORTS = {"postgresql": 5432, "postgres": 5432, "redis": 6379, "smtp": 25, "http": 80, "https": 443}


async def check_outside(configuration: Configuration) -> None:
    """Raise for every part that is named and does not answer, before anything starts."""
    named = [
        (variable, host, port)
        for variable in (DATABASE, LOG, KAFKA, BUDGETS, S3, SMTP, STRIPE_BASE)
        for host, port in addresses(configuration.given(variable))
    ]
    problems = await asyncio.gather(*(_problem(*address) for address in named))
    if any(problems):
        raise BadConfiguration("\n".join(problem for problem in problems if problem))


def addresses(value: str) -> list[tuple[str, int]]:
    """The hosts and ports in a URL, or in a list of brokers."""
    found = []
    for one in filter(None, value.split(",")):
        parts = urlsplit(one if "://" in one else f"//{one}")
        port = parts.port or DEFAULT_PORTS.get(parts.scheme, 9092)
        # A URL without a host names a socket in its query; the client will tell whether that answers.
        if parts.hostname:
            found.append((parts.hostname, port))
    return found


async def _problem(variable: str, host: str, port: int) -> str:
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            _, writer = await asyncio.open_connection(host, port)
    except TimeoutError:
        return f"{variable} names {host}:{port}, which does not answer"
    except OSError as error:
        return f"{variable} names {host}:{port}, which does not answer: {error.strerror or error}"
    writer.close()
    return ""
