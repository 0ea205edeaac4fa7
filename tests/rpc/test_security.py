"""TLS, client certificates and published keys."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import grpc
import jwt
import pytest
import trustme
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from callsheet.directory.v1 import directory_pb2 as pb
from callsheet.directory.v1.directory_pb2_grpc import DirectoryServiceStub
from devstack.roles import DatabaseUrls
from tests.rpc.harness import Running, refusal, running_server

READ = pb.GetUserRequest(user_id="usr_nobody")


def write_identity(directory: Path, authority: trustme.CA) -> None:
    """The files of a server's identity."""
    identity = authority.issue_cert("127.0.0.1")
    identity.private_key_pem.write_to_path(directory / "server.key")
    directory.joinpath("server.crt").write_bytes(b"".join(blob.bytes() for blob in identity.cert_chain_pems))
    authority.cert_pem.write_to_path(directory / "ca.crt")


def anonymous(authority: trustme.CA) -> grpc.ChannelCredentials:
    return grpc.ssl_channel_credentials(authority.cert_pem.bytes())


def named(authority: trustme.CA, uri: str, signed_by: trustme.CA | None = None) -> grpc.ChannelCredentials:
    """A caller that trusts the authority, with a certificate that names it by a URI."""
    signer = signed_by or authority
    issuer = x509.load_pem_x509_certificate(signer.cert_pem.bytes())
    issuer_key = load_pem_private_key(signer.private_key_pem.bytes(), None)
    assert isinstance(issuer_key, ec.EllipticCurvePrivateKey)
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(issuer.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.UniformResourceIdentifier(uri)]), critical=True)
        .sign(issuer_key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return grpc.ssl_channel_credentials(authority.cert_pem.bytes(), private, certificate.public_bytes(Encoding.PEM))


async def reason_over(server: Running, credentials: grpc.ChannelCredentials) -> tuple[grpc.StatusCode, str]:
    async with grpc.aio.secure_channel(server.address, credentials) as channel:
        refused = await refusal(DirectoryServiceStub(channel).GetUser(READ))
    return refused.code, refused.reason


async def test_a_service_is_known_by_its_certificate(database: DatabaseUrls, tmp_path: Path) -> None:
    authority = trustme.CA()
    write_identity(tmp_path, authority)
    async with running_server(
        database,
        tls_cert=tmp_path / "server.crt",
        tls_key=tmp_path / "server.key",
        tls_client_ca=tmp_path / "ca.crt",
    ) as server:
        known = named(authority, "spiffe://callsheet/svc/accounts")
        assert await reason_over(server, known) == (grpc.StatusCode.NOT_FOUND, "NOT_FOUND")
        foreign = named(authority, "spiffe://elsewhere/svc/accounts")
        assert await reason_over(server, foreign) == (grpc.StatusCode.UNAUTHENTICATED, "TOKEN_MISSING")
        forged = named(authority, "spiffe://callsheet/svc/accounts", signed_by=trustme.CA())
        for stranger in (anonymous(authority), forged):
            assert (await reason_over(server, stranger))[0] is grpc.StatusCode.UNAVAILABLE


async def test_tls_without_client_certificates(database: DatabaseUrls, tmp_path: Path) -> None:
    authority = trustme.CA()
    write_identity(tmp_path, authority)
    async with running_server(database, tls_cert=tmp_path / "server.crt", tls_key=tmp_path / "server.key") as server:
        assert (await reason_over(server, anonymous(authority)))[1] == "TOKEN_MISSING"
        plain = await refusal(DirectoryServiceStub(server.channel).GetUser(READ))
        assert plain.code is grpc.StatusCode.UNAVAILABLE


class KeySet:
    """An issuer that publishes its keys."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.fetched = 0

    def token(self, *, key_id: str = "key-1", algorithm: str = "ES256") -> Mapping[str, str]:
        claims = {
            "iss": "callsheet",
            "aud": "callsheet",
            "sub": "svc_accounts",
            "roles": ["service"],
            "exp": int((datetime.now(UTC) + timedelta(minutes=5)).timestamp()),
        }
        return {"authorization": f"Bearer {jwt.encode(claims, self.key, algorithm, headers={'kid': key_id})}"}

    async def publish(self, request: web.Request) -> web.Response:
        self.fetched += 1
        public = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(self.key.public_key()))
        return web.json_response({"keys": [{**public, "kid": "key-1", "use": "sig", "alg": "ES256"}]})


@asynccontextmanager
async def published(keys: KeySet) -> AsyncIterator[str]:
    """Serves the keys on loopback; tells the URL."""
    app = web.Application()
    app.router.add_get("/jwks.json", keys.publish)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    yield f"http://127.0.0.1:{port}/jwks.json"
    await runner.cleanup()


async def read(server: Running, metadata: Mapping[str, str]) -> str:
    call = DirectoryServiceStub(server.channel).GetUser(READ, metadata=tuple(metadata.items()))
    return (await refusal(call)).reason


async def test_tokens_are_verified_by_published_keys(database: DatabaseUrls) -> None:
    keys, stranger = KeySet(), KeySet()
    async with published(keys) as url, running_server(database, jwt_key="", jwks_url=url) as server:
        good = keys.token()
        assert [await read(server, good) for _ in range(3)] == ["NOT_FOUND"] * 3
        assert keys.fetched == 1
        assert await read(server, stranger.token()) == "TOKEN_INVALID"
        assert await read(server, keys.token(key_id="key-2")) == "TOKEN_INVALID"


async def test_a_token_signed_with_the_public_key_as_a_secret_is_refused(database: DatabaseUrls) -> None:
    keys = KeySet()
    async with published(keys) as url, running_server(database, jwt_key="", jwks_url=url) as server:
        claims = {"iss": "callsheet", "aud": "callsheet", "sub": "svc_x", "roles": ["service"], "exp": 2**33}
        forged = jwt.encode(claims, "a secret that anybody could know!", "HS256", headers={"kid": "key-1"})
        assert await read(server, {"authorization": f"Bearer {forged}"}) == "TOKEN_INVALID"


async def test_keys_that_cannot_be_fetched_are_a_dependency_that_is_down(database: DatabaseUrls) -> None:
    async with running_server(database, jwt_key="", jwks_url="http://127.0.0.1:1/jwks.json") as server:
        assert await read(server, KeySet().token()) == "DEPENDENCY_DOWN"


@pytest.mark.parametrize(
    "claims", [{"exp": "soon"}, {"roles": "admin"}, {"sub": 7}, {"aud": "other"}, {"iss": "other"}]
)
async def test_claims_that_are_not_what_they_should_be(server: Running, claims: dict[str, object]) -> None:
    good: dict[str, object] = {"iss": "callsheet", "aud": "callsheet", "sub": "usr_a", "roles": ["user"], "exp": 2**33}
    token = jwt.encode({**good, **claims}, "a-development-key-of-at-least-32-bytes", "HS256")
    assert await read(server, {"authorization": f"Bearer {token}"}) == "TOKEN_INVALID"
