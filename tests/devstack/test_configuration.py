"""What is wrong with the environment is said before anything starts, by the variable's name."""

import os
import socket
from pathlib import Path

import pytest

from devstack.configuration import BadConfiguration, read_configuration
from devstack.outside import addresses, check_outside
from devstack.ports import LOOPBACK, free_port
from devstack.services import shared_environment
from devstack.state import State
from devstack.up import check_ports
from tests.devstack.some_ports import some_ports


def test_ports_have_their_documented_defaults(tmp_path: Path) -> None:
    configuration = read_configuration({}, tmp_path)
    assert [port.number for port in configuration.ports] == [50051, 8080, 9464, 9465, 9466]
    assert configuration.state == tmp_path / ".callsheet"


def test_worker_and_stream_follow_the_servers_metrics_port_unless_told(tmp_path: Path) -> None:
    configuration = read_configuration(
        {"CALLSHEET_METRICS_PORT": "7000", "CALLSHEET_STREAM_METRICS_PORT": "7100"}, tmp_path
    )
    assert configuration.worker_metrics.number == 7001
    assert configuration.stream_metrics.number == 7100


def test_links_in_mails_lead_to_the_gateway_wherever_it_listens(tmp_path: Path) -> None:
    given = {"CALLSHEET_PUBLIC_URL": "https://api.example"}
    for environment, link in (({}, "http://127.0.0.1:8180"), (given, "https://api.example")):
        configuration = read_configuration({"CALLSHEET_HTTP_PORT": "8180", **environment}, tmp_path)
        shared = shared_environment(configuration, State(tmp_path))
        assert shared["CALLSHEET_PUBLIC_URL"] == link


@pytest.mark.parametrize("text", ["0", "65536", "-1", "http", "\uff18\uff10"])
def test_a_port_that_is_none_is_refused_by_name(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadConfiguration, match="CALLSHEET_GRPC_PORT must be a port from 1 to 65535"):
        read_configuration({"CALLSHEET_GRPC_PORT": text}, tmp_path)


def test_everything_wrong_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration) as refused:
        read_configuration({"CALLSHEET_GRPC_PORT": "x", "CALLSHEET_HTTP_PORT": "9464"}, tmp_path)
    assert str(refused.value).splitlines() == [
        "CALLSHEET_GRPC_PORT must be a port from 1 to 65535, and is 'x'",
        "CALLSHEET_HTTP_PORT and CALLSHEET_METRICS_PORT are both 9464: give each its own",
    ]


def test_a_taken_port_is_named_with_its_variable_and_its_owner(tmp_path: Path) -> None:
    with socket.socket() as taker:
        taker.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        taker.bind((LOOPBACK, 0))
        taker.listen()
        port = taker.getsockname()[1]
        configuration = read_configuration(some_ports() | {"CALLSHEET_GRPC_PORT": str(port)}, tmp_path)
        expected = rf"port {port} \(gRPC\) is taken by process {os.getpid()} \(.*set CALLSHEET_GRPC_PORT to another"
        with pytest.raises(BadConfiguration, match=expected):
            check_ports(configuration)


def test_free_ports_are_no_problem(tmp_path: Path) -> None:
    check_ports(read_configuration(some_ports(), tmp_path))


async def test_a_named_part_that_does_not_answer_is_refused_by_name(tmp_path: Path) -> None:
    port = free_port()
    configuration = read_configuration({"CALLSHEET_LOG_URL": f"redis://{LOOPBACK}:{port}/0"}, tmp_path)
    with pytest.raises(BadConfiguration, match=f"CALLSHEET_LOG_URL names {LOOPBACK}:{port}, which does not answer"):
        await check_outside(configuration)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", []),
        ("postgresql://app:p%40ss@db.internal/callsheet", [("db.internal", 5432)]),
        ("redis://10.0.0.1:7000/0", [("10.0.0.1", 7000)]),
        ("kafka-1:9092,kafka-2", [("kafka-1", 9092), ("kafka-2", 9092)]),
        ("https://s3.example.com", [("s3.example.com", 443)]),
        ("postgresql:///callsheet?host=/run/postgresql", []),
    ],
)
def test_addresses_are_read_from_urls_and_lists(value: str, expected: list[tuple[str, int]]) -> None:
    assert addresses(value) == expected
