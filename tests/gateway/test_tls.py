"""TLS between the gateway and the server, with a certificate on either side."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import grpc
import pytest
import trustme

from tests.gateway.fake import Seen, serving
from tests.gateway.running import Gateway, running_gateway


@dataclass(frozen=True, slots=True)
class Files:
    """What both sides are given."""

    authority: trustme.CA
    folder: Path

    def certificate(self, name: str) -> tuple[Path, Path]:
        """Certificate and key of somebody, as files."""
        issued = self.authority.issue_cert(name)
        certificate, key = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        certificate.write_bytes(b"".join(part.bytes() for part in issued.cert_chain_pems))
        key.write_bytes(issued.private_key_pem.bytes())
        return certificate, key

    @property
    def ca(self) -> Path:
        path = self.folder / "authority.pem"
        path.write_bytes(self.authority.cert_pem.bytes())
        return path


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(trustme.CA(), tmp_path)


@pytest.fixture
async def tls_server(files: Files, server_port: int, seen: Seen) -> AsyncIterator[None]:
    """A server that talks to nobody whom the authority did not sign."""
    certificate, key = files.certificate("server.callsheet")
    credentials = grpc.ssl_server_credentials(
        [(key.read_bytes(), certificate.read_bytes())], files.ca.read_bytes(), require_client_auth=True
    )
    async with serving(server_port, seen, credentials=credentials):
        yield


@pytest.fixture
def settings(files: Files) -> dict[str, str]:
    certificate, key = files.certificate("gateway.callsheet")
    return {
        "CALLSHEET_GRPC_TLS_CA": str(files.ca),
        "CALLSHEET_GRPC_TLS_CERT": str(certificate),
        "CALLSHEET_GRPC_TLS_KEY": str(key),
        "CALLSHEET_GRPC_TLS_NAME": "server.callsheet",
    }


@pytest.fixture
def gateway(
    gateway_binary: Path, tmp_path: Path, server_port: int, tls_server: None, settings: dict[str, str]
) -> Iterator[Gateway]:
    with running_gateway(gateway_binary, tmp_path / "gateway.log", f"127.0.0.1:{server_port}", **settings) as running:
        yield running


async def test_both_sides_show_who_they_are(http: aiohttp.ClientSession) -> None:
    async with http.get("/v1/orders/ord_1") as answer:
        assert answer.status == 200


class TestAnotherServersName:
    @pytest.fixture
    def settings(self, settings: dict[str, str]) -> dict[str, str]:
        return settings | {"CALLSHEET_GRPC_TLS_NAME": "other.callsheet"}

    async def test_is_not_talked_to(self, http: aiohttp.ClientSession, seen: Seen) -> None:
        async with http.get("/v1/orders/ord_1") as answer:
            assert (answer.status, (await answer.json())["reason"]) == (503, "DEPENDENCY_DOWN")
        assert seen.headers == []
