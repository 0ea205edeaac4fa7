"""A real Kafka broker of one node, for tests: its jars by Maven, once, into the cache."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from devstack.codegen.layout import ROOT
from devstack.ports import LOOPBACK, free_port
from devstack.program import NotReady, Program, running
from tests.support.require import require

CACHE = ROOT / ".cache" / "kafka"
POM = Path(__file__).with_name("pom.xml")
DOWNLOAD_SECONDS = 300
HEAP = "-Xmx256m"

SETTINGS = """
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller}
advertised.listeners=PLAINTEXT://{host}:{port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={directory}/data
num.partitions=1
default.replication.factor=1
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
auto.create.topics.enable=false
"""


def jars() -> Path:
    """The folder with the broker's jars; skips, or fails where `kafka` is required and cannot be had."""
    java, maven = shutil.which("java"), shutil.which("mvn")
    require("kafka", java is not None and maven is not None, "a Java runtime and Maven are needed")
    folder = CACHE / "jars"
    if not folder.exists():
        incomplete = CACHE / f"incomplete-{os.getpid()}"
        command = (str(maven), "-q", "-B", "-f", str(POM), "dependency:copy-dependencies")
        fetched = subprocess.run(
            (*command, f"-DoutputDirectory={incomplete}"),
            capture_output=True,
            text=True,
            timeout=DOWNLOAD_SECONDS,
            check=False,
        )
        require("kafka", fetched.returncode == 0, f"its jars cannot be had: {fetched.stdout[-300:]}")
        shutil.rmtree(folder, ignore_errors=True)
        incomplete.rename(folder)
    return folder


@contextmanager
def running_kafka(directory: Path) -> Iterator[str]:
    """A broker with empty logs; its address."""
    classpath = f"{jars()}/*"
    directory.mkdir(parents=True)
    port, controller = free_port(), free_port()
    settings = directory / "server.properties"
    settings.write_text(
        SETTINGS.format(host=LOOPBACK, port=port, controller=controller, directory=directory), encoding="utf-8"
    )
    java = ("java", HEAP, "-cp", classpath)
    subprocess.run(
        (*java, "kafka.tools.StorageTool", "format", "-t", uuid4().hex[:22], "-c", str(settings)),
        check=True,
        capture_output=True,
    )
    address = f"{LOOPBACK}:{port}"

    async def answers() -> None:
        try:
            AdminClient({"bootstrap.servers": address, "log_level": 0}).list_topics(timeout=1)
        except KafkaException as error:
            raise NotReady(str(error)) from error

    program = Program("kafka", (*java, "kafka.Kafka", str(settings)), answers, start_seconds=60)
    with running(program, directory / "output"):
        yield address
