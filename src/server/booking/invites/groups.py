"""Orders that are made together, all of them or none. Each goes its own way from there."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from server.booking.book import OrderBook
from server.booking.domain.order import Order
from server.booking.domain.parties import ActorKind, By
from server.booking.domain.terms import Terms
from server.booking.errors import QuoteChanged
from server.booking.quoting import draft, quote
from server.booking.repository import BookingRepository
from server.core.call import Actor
from server.core.db import Database, Guard, Tx
from server.core.errors import FieldInvalid, Violation
from server.core.ids import Ids


@dataclass(frozen=True, slots=True)
class Group:
    """Orders that belong together."""

    lbg_id: str
    buyer_user_id: str
    title: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Booked:
    """A group with its orders, in the order they were asked for."""

    group: Group
    orders: Sequence[Order]


@dataclass(frozen=True, slots=True)
class CreateGroup:
    """A buyer asks for several bookings, each at its quoted price where a hash is given."""

    actor: Actor
    title: str
    bookings: Sequence[tuple[Terms, str]]


class GroupRows(Protocol):
    """Where groups are kept."""

    async def insert_group(self, tx: Tx, group: Group) -> None: ...


class Groups:
    """Makes groups."""

    def __init__(
        self, database: Database, repository: BookingRepository, rows: GroupRows, book: OrderBook, ids: Ids
    ) -> None:
        self._database = database
        self._repository = repository
        self._rows = rows
        self._book = book
        self._ids = ids

    async def create(self, command: CreateGroup, once: Guard[Booked] | None) -> Booked:
        """Stores the drafts of a group, all of them or none."""
        buyer = command.actor.user_id

        async def work(tx: Tx) -> Booked:
            now = self._book.now()
            offers = await self._repository.offers(tx, [terms for terms, _ in command.bookings], now=now)
            group = Group(self._ids.new("lbg"), buyer, command.title, now)
            orders = []
            for index, ((terms, quote_hash), offer) in enumerate(zip(command.bookings, offers, strict=True)):
                try:
                    agreed = quote(terms, offer, now=now)
                    order = draft(self._ids.new("ord"), buyer, terms, offer, agreed, now=now)
                except FieldInvalid as error:
                    raise _placed(error, f"bookings[{index}].") from error
                if quote_hash not in ("", agreed.quote_hash):
                    raise QuoteChanged(agreed.price.total_cents, agreed.quote_hash)
                orders.append(replace(order, lbg_id=group.lbg_id))
            await self._rows.insert_group(tx, group)
            await self._book.add(tx, orders, By(ActorKind.BUYER, buyer))
            return Booked(group, orders)

        return await self._database.run(work, once=once)


def _placed(error: FieldInvalid, place: str) -> FieldInvalid:
    """The same violations, in the part of the request that they are about."""
    return FieldInvalid(*(Violation(f"{place}{found.field}", found.rule) for found in error.violations))
