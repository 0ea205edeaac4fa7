"""The checks of the protos find what they are there for, and buf generates what protoc does."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from devstack import lint
from devstack.codegen import protos
from devstack.codegen.layout import PROTOS, ROOT

ORDER = Path("callsheet/booking/v1/order.proto")


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    """A copy of the protos, to be broken."""
    copy = tmp_path / "protos"
    shutil.copytree(PROTOS, copy)
    return copy


def test_the_protos_are_clean_and_compatible_with_themselves() -> None:
    assert lint.buf_lint(PROTOS).passed
    assert lint.buf_breaking(PROTOS, PROTOS).passed


def test_a_field_without_a_comment_is_found(changed: Path) -> None:
    with (changed / ORDER).open("a", encoding="utf-8") as file:
        file.write("\n// Extra is described.\nmessage Extra {\n  string field = 1;\n}\n")
    outcome = lint.buf_lint(changed)
    assert not outcome.passed
    assert 'Field "field" should have a non-empty comment' in outcome.report


def test_a_removed_message_is_found(changed: Path) -> None:
    with (changed / ORDER).open("a", encoding="utf-8") as file:
        file.write("\n// Extra is described.\nmessage Extra {}\n")
    outcome = lint.buf_breaking(PROTOS, changed)
    assert not outcome.passed
    assert 'message "Extra"' in outcome.report


@pytest.mark.skipif(not (ROOT / ".venv").exists(), reason="buf.gen.yaml names the plugins of the project's own .venv")
def test_buf_generates_what_protoc_generates(tmp_path: Path) -> None:
    image = tmp_path / "image.binpb"
    protos.build_image(image)
    buf = Path(sys.executable).with_name("buf")
    command = [str(buf), "generate", str(image), "--path", "callsheet", "--output", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    ours = {
        name: text
        for name, text in protos.generate().items()
        if name.startswith("callsheet/") and name.endswith(".pyi")
    }
    assert {name: (tmp_path / "gen" / name).read_bytes() for name in ours} == ours
