"""Rows of offers and what they mean."""

import json

from callsheet.sql.booking_negotiation import Queries
from server.booking import rows
from server.booking.domain.order import Order
from server.booking.domain.parties import Side
from server.booking.domain.request import Request, RequestStatus
from server.booking.domain.terms import Mode
from server.booking.pricing import LineItem
from server.core.db import Record, Tx, load_queries
from server.core.errors import IllegalTransition

_queries = load_queries("server.booking.negotiation", Queries)


class RequestRepository:
    """Reads and writes offers on the caller's transaction, which holds the row of the offer's order to write."""

    async def insert(self, tx: Tx, request: Request) -> None:
        await _queries.insert_request(
            tx,
            request_id=request.request_id,
            mode=request.mode,
            order_id=request.order_id,
            buyer_user_id=request.buyer_user_id,
            provider_user_id=request.provider_user_id,
            message=request.message or None,
            offered_by=request.offered_by,
            round=request.round,
            supersedes_request_id=request.supersedes_request_id,
            total_cents=request.total_cents,
            lines=None if request.lines is None else json.dumps([_array(line) for line in request.lines]),
            start_ts=request.start_ts,
            end_ts=request.end_ts,
            shown_at=request.shown_at,
            expires_at=request.expires_at,
            capture_before=request.capture_before,
            now=request.created_at,
        )

    async def get(self, tx: Tx, request_id: str) -> Request | None:
        row = await _queries.get_request(tx, request_id=request_id)
        return None if row is None else _request(row)

    async def pending(self, tx: Tx, order_id: str) -> Request | None:
        """The offer about an order that waits for an answer."""
        row = await _queries.pending_request(tx, order_id=order_id)
        return None if row is None else _request(row)

    async def save_answer(self, tx: Tx, request: Request) -> None:
        """Writes an answer; IllegalTransition where the offer has one already."""
        saved = await _queries.answer_request(
            tx,
            request_id=request.request_id,
            status=request.status,
            answered_at=request.answered_at,
            answer_reason=request.answer_reason or None,
        )
        if saved is None:
            raise IllegalTransition(request.request_id, "answered", request.status)

    async def show(self, tx: Tx, request: Request) -> None:
        """Lets the provider see an offer."""
        await _queries.show_request(
            tx,
            request_id=request.request_id,
            shown_at=request.shown_at,
            expires_at=request.expires_at,
            capture_before=request.capture_before,
        )

    async def page(
        self,
        tx: Tx,
        user_id: str,
        side: Side,
        order_id: str,
        statuses: frozenset[RequestStatus],
        before: str | None,
        limit: int,
    ) -> list[Request]:
        """A user's offers on that side, newest first, older than the given id."""
        read = _queries.list_requests_of_buyer if side is Side.BUYER else _queries.list_requests_of_provider
        found = await read(
            tx, user_id=user_id, order_id=order_id, statuses=sorted(statuses), before=before, limit=limit
        )
        return [_request(row) for row in found]

    async def overlapping(self, tx: Tx, order: Order) -> list[str]:
        """The orders that wait for an answer about the time that this one has."""
        found = await _queries.overlapping_requests(
            tx,
            provider_user_id=order.provider_user_id,
            order_id=order.order_id,
            busy_from=order.busy_from,
            busy_to=order.busy_to,
        )
        return [row["order_id"] for row in found]


def _array(line: LineItem) -> list[str | int]:
    return [line.kind.value, line.title, str(line.qty), line.unit_cents, line.total_cents]


def _request(row: Record) -> Request:
    return Request(
        request_id=row["request_id"],
        mode=Mode(row["mode"]),
        order_id=row["order_id"],
        buyer_user_id=row["buyer_user_id"],
        provider_user_id=row["provider_user_id"],
        status=RequestStatus(row["status"]),
        message=row["message"] or "",
        offered_by=Side(row["offered_by"]),
        round=row["round"],
        supersedes_request_id=row["supersedes_request_id"],
        total_cents=row["total_cents"],
        lines=None if row["lines"] is None else rows.line_items(row["lines"]),
        start_ts=row["start_ts"],
        end_ts=row["end_ts"],
        shown_at=row["shown_at"],
        expires_at=row["expires_at"],
        capture_before=row["capture_before"],
        answered_at=row["answered_at"],
        answer_reason=row["answer_reason"] or "",
        created_at=row["created_at"],
    )
