"""What a copyright notice needs, and which steps it allows. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from server.core.errors import FieldInvalid, Violation
from server.support.errors import LegalStepRefused
from server.support.legal.business_days import RestoreWindow


class NoticeKind(StrEnum):
    """Who says what: that something infringes, or that it does not."""

    NOTICE = "notice"
    COUNTER_NOTICE = "counter_notice"


class Element(StrEnum):
    """What the law wants to find in a notice or a counter-notice."""

    SIGNATURE = "signature"
    WORK_IDENTIFIED = "work_identified"
    MATERIAL_IDENTIFIED = "material_identified"
    CONTACT = "contact"
    GOOD_FAITH = "good_faith"
    ACCURACY_UNDER_PERJURY = "accuracy_under_perjury"
    CONSENT_TO_JURISDICTION = "consent_to_jurisdiction"


NEEDED: Mapping[NoticeKind, tuple[Element, ...]] = MappingProxyType(
    {
        NoticeKind.NOTICE: (
            Element.SIGNATURE,
            Element.WORK_IDENTIFIED,
            Element.MATERIAL_IDENTIFIED,
            Element.CONTACT,
            Element.GOOD_FAITH,
            Element.ACCURACY_UNDER_PERJURY,
        ),
        NoticeKind.COUNTER_NOTICE: (
            Element.SIGNATURE,
            Element.MATERIAL_IDENTIFIED,
            Element.GOOD_FAITH,
            Element.CONTACT,
            Element.CONSENT_TO_JURISDICTION,
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Notice:
    """A complete notice or counter-notice. Who sent it is kept encrypted, beside this."""

    notice_id: str
    case_id: str
    kind: NoticeKind
    content_id: str
    respondent_user_id: str
    received_at: datetime
    restore_window: RestoreWindow | None = None
    court_action_at: datetime | None = None
    restored_at: datetime | None = None


def check_complete(kind: NoticeKind, elements: frozenset[Element]) -> None:
    """Refuses a notice that lacks something; each missing element is a violation of its own."""
    missing = [element for element in NEEDED[kind] if element not in elements]
    if missing:
        raise FieldInvalid(*(Violation("elements", f"must include {element}") for element in missing))


def check_answerable(notice: Notice | None, answer: Notice | None, case_id: str) -> Notice:
    """The notice that a counter-notice may answer: one that was not answered, and whose content is hidden."""
    if notice is None:
        raise LegalStepRefused(case_id, "there is no notice to answer")
    if notice.restored_at is not None:
        raise LegalStepRefused(case_id, "the content was restored")
    if answer is not None:
        raise LegalStepRefused(case_id, "the notice was answered")
    return notice


def check_restorable(answer: Notice | None, case_id: str, *, now: datetime) -> Notice:
    """The counter-notice by which content comes back: not before its tenth business day, not against a court."""
    if answer is None or answer.restore_window is None:
        raise LegalStepRefused(case_id, "there is no counter-notice")
    if answer.restored_at is not None:
        raise LegalStepRefused(case_id, "the content was restored")
    if answer.court_action_at is not None:
        raise LegalStepRefused(case_id, "a court action is recorded")
    if now < answer.restore_window.start:
        raise LegalStepRefused(case_id, f"not before {answer.restore_window.start.isoformat()}")
    return answer
