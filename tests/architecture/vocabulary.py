"""The words that the code, the protos and the database share, and where each of the three keeps them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Word:
    """One enum of a slice.

    `proto` is its enum on the wire. `columns` are the columns whose checks list its values, and `types` the enum types
    of the database. `wider` is the reason why the database admits values that the code does not know yet.
    """

    code: str
    proto: str | None = None
    columns: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    wider: str | None = None


WORDS = (
    Word(
        "server.booking.cancellation.CancellationPolicy",
        columns=(
            "booking.fee_policy.cancellation_policy",
            "booking.order.cancellation_policy",
            "booking.provider_profile.cancellation_policy",
        ),
    ),
    Word(
        "server.booking.domain.ActorKind",
        columns=("booking.order_event.actor_kind",),
        wider="the history was laid out for every actor there will be; the code names those that act already",
    ),
    Word(
        "server.booking.domain.LocationKind",
        proto="callsheet.booking.v1.LocationKind",
        columns=("booking.order.location_kind",),
    ),
    Word("server.booking.domain.Mode", proto="callsheet.booking.v1.BookingMode", types=("booking.booking_mode",)),
    Word("server.booking.domain.Side", proto="callsheet.booking.v1.Side", columns=("booking.request.offered_by",)),
    Word("server.booking.domain.Status", proto="callsheet.booking.v1.BookingStatus", types=("booking.booking_status",)),
    Word(
        "server.booking.pricing.LineItemKind",
        proto="callsheet.booking.v1.LineItemKind",
        columns=("booking.line_item.kind",),
    ),
    Word(
        "server.growth.saved_searches.domain.SearchScope",
        proto="callsheet.growth.v1.SearchScope",
        columns=("public.saved_search.scope", "public.search_document.scope"),
    ),
    Word(
        "server.directory.domain.UserKind",
        proto="callsheet.directory.v1.UserKind",
        columns=("directory.user_profile.kinds",),
    ),
)

# Enums of a slice that neither travel nor are stored, and what they are for.
INTERNAL: dict[str, str] = {}

# Enums of the protos that no slice has as an enum, and why.
WIRE_ONLY: dict[str, str] = {}
