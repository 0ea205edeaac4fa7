"""The calendar feed as RFC 5545 has it."""

from datetime import UTC, datetime

from server.booking.providers.domain import CalendarEntry
from server.booking.providers.hours import Window
from server.booking.providers.ical import calendar

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
WINDOW = Window(datetime(2026, 6, 2, 8, 0, tzinfo=UTC), datetime(2026, 6, 2, 10, 0, tzinfo=UTC))


def unfolded(text: str) -> list[str]:
    """The lines as they were before long ones were folded."""
    return text.replace("\r\n ", "").removesuffix("\r\n").split("\r\n")


def test_bookings_and_blackouts_are_events_in_utc() -> None:
    lines = unfolded(calendar([CalendarEntry("ord_1", "Portraits", WINDOW, NOW)], [WINDOW], now=NOW))
    assert lines[0] == "BEGIN:VCALENDAR"
    assert lines[-1] == "END:VCALENDAR"
    assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT") == 2
    booking = lines[lines.index("BEGIN:VEVENT") : lines.index("END:VEVENT")]
    assert booking == [
        "BEGIN:VEVENT",
        "UID:ord_1@callsheet",
        "DTSTAMP:20260601T120000Z",
        "DTSTART:20260602T080000Z",
        "DTEND:20260602T100000Z",
        "SUMMARY:Portraits",
        "TRANSP:OPAQUE",
    ]
    assert "UID:blackout-20260602T080000Z@callsheet" in lines


def test_a_title_cannot_end_its_line_or_begin_another_event() -> None:
    title = "Portraits; all, day\\night\r\nEND:VEVENT\x00\nBEGIN:VEVENT"
    lines = unfolded(calendar([CalendarEntry("ord_1", title, WINDOW, NOW)], [], now=NOW))
    assert lines.count("END:VEVENT") == 1
    assert "SUMMARY:Portraits\\; all\\, day\\\\night\\nEND:VEVENT\\nBEGIN:VEVENT" in lines


def test_long_lines_are_folded_between_characters() -> None:
    title = "Müßiggänger " * 20
    text = calendar([CalendarEntry("ord_1", title, WINDOW, NOW)], [], now=NOW)
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert f"SUMMARY:{title}" in unfolded(text)
