"""Whether a file is what it was promised to be, by its content."""

import hashlib
from io import BytesIO
from itertools import product
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from server.adapters.objects.port import Sample
from server.core.errors import IllegalTransition
from server.support.cases.standing import Standing
from server.support.evidence.content import Mime, problem_with
from server.support.evidence.domain import (
    EVIDENCE_TRANSITIONS,
    Evidence,
    EvidenceEvent,
    EvidenceStatus,
    after,
    readable_by,
)
from tests.domain.test_support_clocks import START

JPEG = b"\xff\xd8\xff\xe0" + b"picture" * 9 + b"\xff\xd9"
PNG = b"\x89PNG\r\n\x1a\n" + b"picture" * 9 + b"\x00\x00\x00\x00IEND\xaeB`\x82"
WEBP = b"RIFF" + (4 + 14).to_bytes(4, "little") + b"WEBP" + b"picture" * 2
PDF = b"%PDF-1.7\n" + b"1 0 obj" * 9 + b"\n%%EOF\n"
TEXT = "Er kam nicht. Ärgerlich.".encode()
WHOLE = {Mime.JPEG: JPEG, Mime.PNG: PNG, Mime.WEBP: WEBP, Mime.PDF: PDF, Mime.TEXT: TEXT}


def archive() -> bytes:
    """A megabyte of nothing in a kilobyte."""
    written = BytesIO()
    with ZipFile(written, "w", ZIP_DEFLATED) as zipped:
        zipped.writestr("zeros", bytes(1 << 20))
    return written.getvalue()


def sample(body: bytes, *, is_text: bool = False) -> Sample:
    return Sample("v1", len(body), hashlib.sha256(body).digest(), body[:64], body[-66_000:], is_text)


def judged(body: bytes, mime: Mime) -> str | None:
    """The problem with a file whose length and hash are as promised."""
    found = sample(body, is_text=mime is Mime.TEXT and body == TEXT)
    return problem_with(found, mime, len(body), hashlib.sha256(body).digest())


@pytest.mark.parametrize(("body", "mime"), list(product(WHOLE, Mime)))
def test_a_file_is_only_what_its_content_says(body: Mime, mime: Mime) -> None:
    wanted = None if body is mime else f"is not {mime} by its content"
    assert judged(WHOLE[body], mime) == wanted


@pytest.mark.parametrize("mime", [Mime.JPEG, Mime.PNG, Mime.WEBP, Mime.PDF])
@pytest.mark.parametrize("hidden", [b"<script>alert(1)</script>", archive(), b"\x00" * 9 + b"MZ"])
def test_nothing_hangs_behind_a_file(mime: Mime, hidden: bytes) -> None:
    assert judged(WHOLE[mime] + hidden, mime) == f"is not {mime} by its content"


@pytest.mark.parametrize("mime", [Mime.JPEG, Mime.PNG, Mime.PDF])
def test_a_file_that_is_an_archive_too_is_refused(mime: Mime) -> None:
    """An archive may be closed by a comment, and the comment may be what ends a picture."""
    ending = {Mime.JPEG: b"\xff\xd9", Mime.PNG: b"IEND\xaeB`\x82", Mime.PDF: b"%%EOF"}[mime]
    polyglot = WHOLE[mime][:20] + archive()[:-2] + len(ending).to_bytes(2, "little") + ending
    assert judged(polyglot, mime) == "is an archive too"


@pytest.mark.parametrize("mime", list(Mime))
def test_an_archive_is_no_evidence(mime: Mime) -> None:
    assert judged(archive(), mime) == f"is not {mime} by its content"


def test_length_and_hash_are_as_promised() -> None:
    digest = hashlib.sha256(PNG).digest()
    assert problem_with(sample(PNG), Mime.PNG, len(PNG) + 1, digest) == "has another length than was promised"
    assert problem_with(sample(PNG), Mime.PNG, len(PNG), b"\x00" * 32) == "has another SHA-256 than was promised"


def evidence(status: EvidenceStatus) -> Evidence:
    return Evidence("evo_1", "sca_1", "usr_buyer", status, "quarantine/evo_1", b"", 1, Mime.PNG, START, START)


@pytest.mark.parametrize(("status", "event"), list(product(EvidenceStatus, EvidenceEvent)))
def test_every_pair_of_status_and_event(status: EvidenceStatus, event: EvidenceEvent) -> None:
    if status is EvidenceStatus.AWAITING_UPLOAD:
        assert after(evidence(status), event) is EVIDENCE_TRANSITIONS[status, event]
    else:
        with pytest.raises(IllegalTransition):
            after(evidence(status), event)


@pytest.mark.parametrize(
    ("standing", "user_id", "readable"),
    [
        (Standing.STAFF, "usr_agent", True),
        (Standing.CUSTOMER, "usr_buyer", True),
        (Standing.SELLER, "usr_provider", False),
        (Standing.WATCHER, "usr_watcher", False),
        (Standing.SERVICE, "svc_bff", False),
    ],
)
def test_a_file_is_for_who_brought_it_and_for_staff(standing: Standing, user_id: str, readable: bool) -> None:
    assert readable_by(evidence(EvidenceStatus.STORED), standing, user_id) is readable
