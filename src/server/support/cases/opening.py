"""How a case comes about."""

from collections.abc import Mapping
from dataclasses import dataclass

from server.booking.ports import Orders
from server.core.call import STAFF, Actor, Role
from server.core.db import Database, Guard, Tx
from server.core.errors import FieldInvalid, NotFound, NotSelf, Violation
from server.core.ids import Ids
from server.support.cases.book import CaseBook
from server.support.cases.domain import (
    LEGAL_TYPES,
    By,
    Case,
    CaseType,
    Party,
    Status,
    Subject,
    default_severity,
)
from server.support.cases.reading import Seen
from server.support.cases.standing import AuthorRole, Standing


@dataclass(frozen=True, slots=True)
class OpenCase:
    """Somebody wants something put right; staff and services may say for whom."""

    actor: Actor
    customer_user_id: str
    type: CaseType
    subtype: str
    subject: Subject
    body_md: str


@dataclass(frozen=True, slots=True)
class NewCase:
    """Everything that is known of a case when it is opened."""

    type: CaseType
    subtype: str
    customer: Party
    seller: Party | None
    subject: Subject
    processor_dispute_id: str | None = None


class Opening:
    """Opens cases."""

    def __init__(self, database: Database, book: CaseBook, orders: Orders, ids: Ids) -> None:
        self._database = database
        self._book = book
        self._orders = orders
        self._ids = ids

    async def open(self, command: OpenCase, once: Guard[Seen[Case]] | None) -> Seen[Case]:
        """Stores a case with its first message."""
        customer = _customer(command)
        _check_subject(command)

        async def work(tx: Tx) -> Seen[Case]:
            new = await self._known(tx, command, customer)
            by = _by(command.actor, customer)
            case = await self.begin(tx, new, by)
            role = {Standing.CUSTOMER: new.customer.role, Standing.STAFF: AuthorRole.AGENT}
            author = role.get(by.standing, AuthorRole.SYSTEM)
            await self._book.say(tx, case, command.body_md, author, by)
            return Seen(case, by.standing)

        return await self._database.run(work, once=once)

    async def begin(self, tx: Tx, new: NewCase, by: By, details: Mapping[str, str] | None = None) -> Case:
        """Stores a case that begins now."""
        now = self._book.now()
        case = Case(
            case_id=self._ids.new("sca"),
            type=new.type,
            subtype=new.subtype,
            status=Status.OPEN,
            severity=default_severity(new.type),
            customer=new.customer,
            seller=new.seller,
            subject=new.subject,
            version=1,
            public_version=1,
            status_since=now,
            created_at=now,
            updated_at=now,
            processor_dispute_id=new.processor_dispute_id,
        )
        return await self._book.open(tx, case, by, details or {})

    async def _known(self, tx: Tx, command: OpenCase, customer: str) -> NewCase:
        """Who is who: the parties of an order are the parties of its case."""
        subject = command.subject
        if subject.leg_id is None:
            return NewCase(command.type, command.subtype, Party(customer, AuthorRole.BUYER), None, subject)
        order = await self._orders.get(tx, subject.leg_id)
        if order is None or customer not in order.parties():
            raise NotFound(subject.leg_id)
        buyer = Party(order.buyer_user_id, AuthorRole.BUYER)
        provider = Party(order.provider_user_id, AuthorRole.SELLER)
        sides = (buyer, provider) if customer == buyer.user_id else (provider, buyer)
        return NewCase(command.type, command.subtype, *sides, subject)


def _customer(command: OpenCase) -> str:
    actor, named = command.actor, command.customer_user_id
    if not named and actor.has(Role.SERVICE):
        raise FieldInvalid(Violation("customer_user_id", "must name whose case it is when a service opens it"))
    if named not in ("", actor.user_id) and not actor.sees_everybody:
        raise NotSelf("customer_user_id")
    return named or actor.user_id


def _check_subject(command: OpenCase) -> None:
    """What the proto's rules cannot say: what each type needs, and whose word is enough for what."""
    subject, violations = command.subject, []
    if command.type in LEGAL_TYPES:
        violations.append(Violation("type", "comes from a notice or from the payment processor"))
    if command.type is CaseType.BOOKING and subject.leg_id is None:
        violations.append(Violation("leg_id", "must name the order of a booking case"))
    if not _vouched(command.actor):
        violations += [
            Violation(name, "is taken from services and staff only, because it cannot be checked here")
            for name in ("order_id", "studio_id", "creator_id", "payout_id", "content_id")
            if getattr(subject, name) is not None
        ]
    if violations:
        raise FieldInvalid(*violations)


def _vouched(actor: Actor) -> bool:
    return actor.has(Role.SERVICE, *STAFF) or actor.service is not None


def _by(actor: Actor, customer: str) -> By:
    if actor.user_id == customer:
        return By(Standing.CUSTOMER, customer)
    return By(Standing.STAFF if actor.has(*STAFF) else Standing.SERVICE, actor.user_id)
