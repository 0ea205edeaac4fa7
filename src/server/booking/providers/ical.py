"""A calendar in the iCalendar format (RFC 5545). Pure."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from server.booking.providers.domain import CalendarEntry
from server.booking.providers.hours import Window

_OCTETS_A_LINE = 75


def calendar(entries: Iterable[CalendarEntry], blackouts: Iterable[Window], *, now: datetime) -> str:
    """Bookings and blackouts as events that take time; instants are in UTC, so that no zone moves them."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Callsheet//Bookings//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
    ]
    for entry in entries:
        lines += _event(f"{entry.order_id}@callsheet", entry.title, entry.window, entry.changed_at)
    for blackout in blackouts:
        lines += _event(f"blackout-{_instant(blackout.start)}@callsheet", "Not available", blackout, now)
    lines.append("END:VCALENDAR")
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line))


def _event(uid: str, title: str, window: Window, stamped: datetime) -> Sequence[str]:
    return (
        "BEGIN:VEVENT",
        f"UID:{uid}",
        f"DTSTAMP:{_instant(stamped)}",
        f"DTSTART:{_instant(window.start)}",
        f"DTEND:{_instant(window.end)}",
        f"SUMMARY:{_text(title)}",
        "TRANSP:OPAQUE",
        "END:VEVENT",
    )


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(text: str) -> str:
    """Text in which nothing ends the line or the value; other control characters have no place in a calendar."""
    escaped = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    lines = escaped.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\\n")
    return "".join(character for character in lines if character.isprintable())


def _folded(line: str) -> Iterator[str]:
    """A long line goes on in the next after a space; no character is cut in two."""
    part, octets = "", 0
    for character in line:
        width = len(character.encode())
        if octets + width > _OCTETS_A_LINE:
            yield part
            part, octets = " ", 1
        part += character
        octets += width
    yield part
