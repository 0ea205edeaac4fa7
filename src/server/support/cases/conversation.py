"""What is said about a case. Pure."""

from dataclasses import dataclass
from datetime import datetime

from server.support.cases import rendering
from server.support.cases.domain import Visibility
from server.support.cases.standing import AuthorRole, Standing

PUBLIC_ONLY = frozenset({Visibility.PUBLIC})


@dataclass(frozen=True, slots=True)
class Message:
    """A message or a note; its words are final, its rendering follows the renderer."""

    message_id: str
    case_id: str
    visibility: Visibility
    author_role: AuthorRole
    author_user_id: str | None
    body_md: str
    body_html: str
    created_at: datetime
    origin_case_id: str | None = None


def written(
    message_id: str,
    case_id: str,
    visibility: Visibility,
    author_role: AuthorRole,
    author_user_id: str | None,
    body_md: str,
    *,
    now: datetime,
) -> Message:
    """A new message, rendered."""
    return Message(
        message_id=message_id,
        case_id=case_id,
        visibility=visibility,
        author_role=author_role,
        author_user_id=author_user_id,
        body_md=body_md,
        body_html=rendering.render(body_md),
        created_at=now,
    )


def readable_by(standing: Standing) -> frozenset[Visibility]:
    """Notes are for staff."""
    return frozenset(Visibility) if standing is Standing.STAFF else PUBLIC_ONLY


def author_shown(message: Message, standing: Standing) -> str:
    """To the parties an agent is support, not a person."""
    if message.author_role is AuthorRole.AGENT and standing is not Standing.STAFF:
        return ""
    return message.author_user_id or ""
