"""Disputes: a cardholder wants the money back. Inquiries (`warning_*`) ask first and move no money."""

from dataclasses import dataclass, field, replace
from typing import ClassVar, Final

from devstack.stripe_sandbox.errors import StripeError, unexpected_state
from devstack.stripe_sandbox.ledger import DISPUTE_FEE, PLATFORM
from devstack.stripe_sandbox.paging import PAGE, page
from devstack.stripe_sandbox.params import Flag, Kind, Metadata, Nested, Shape, Text
from devstack.stripe_sandbox.resources.charges import Charge
from devstack.stripe_sandbox.store import Resource
from devstack.stripe_sandbox.values import Document, Json
from devstack.stripe_sandbox.world import Call, World

EVIDENCE_TEXTS: Final = (
    "access_activity_log",
    "billing_address",
    "cancellation_policy_disclosure",
    "cancellation_rebuttal",
    "customer_email_address",
    "customer_name",
    "customer_purchase_ip",
    "duplicate_charge_explanation",
    "duplicate_charge_id",
    "product_description",
    "refund_policy_disclosure",
    "refund_refusal_explanation",
    "service_date",
    "shipping_address",
    "uncategorized_text",
)
EVIDENCE_FILES: Final = (
    "cancellation_policy",
    "customer_communication",
    "customer_signature",
    "receipt",
    "refund_policy",
    "service_documentation",
    "uncategorized_file",
)
LONGEST_EVIDENCE: Final = 150_000
DAYS_TO_ANSWER: Final = 9
ANSWERS_ITSELF: Final = {"winning_evidence": "won", "losing_evidence": "lost"}

_EVIDENCE: dict[str, Kind] = {
    **{name: Text(20_000) for name in EVIDENCE_TEXTS},
    **{name: Text() for name in EVIDENCE_FILES},
}
UPDATE: Final = Shape({"evidence": Nested(Shape(_EVIDENCE)), "submit": Flag(), "metadata": Metadata()})
LIST: Final = Shape({**PAGE, "charge": Text(), "payment_intent": Text()})


def _no_evidence() -> Document:
    return dict.fromkeys((*EVIDENCE_TEXTS, *EVIDENCE_FILES))


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute(Resource):
    """`balance_transactions` keeps ids; they are shown whole."""

    object: ClassVar[str] = "dispute"
    prefix: ClassVar[str] = "du_"
    noun: ClassVar[str] = "dispute"
    expandable: ClassVar[frozenset[str]] = frozenset({"charge", "payment_intent"})

    amount: int
    balance_transactions: list[Json] = field(default_factory=list)
    charge: str
    currency: str
    enhanced_eligibility_types: list[Json] = field(default_factory=list)
    evidence: Document = field(default_factory=_no_evidence)
    evidence_details: Document
    is_charge_refundable: bool
    payment_intent: str
    payment_method_details: Document
    reason: str
    status: str

    @property
    def is_inquiry(self) -> bool:
        return self.status.startswith("warning_")


def file(world: World, charge_id: str, reason: str, *, status: str, amount: int | None = None) -> Dispute:
    """The cardholder complains. A chargeback withdraws the money at once; an inquiry does not."""
    charge = world.store.get(Charge, charge_id, "charge")
    if not charge.captured:
        raise StripeError(f"Charge {charge.id} was not captured: there is nothing to dispute.")
    disputed = charge.amount_captured if amount is None else amount
    dispute = Dispute(
        id=world.store.new_id(Dispute.prefix),
        created=world.now(),
        amount=disputed,
        charge=charge.id,
        currency=charge.currency,
        evidence_details={
            "due_by": world.now() + DAYS_TO_ANSWER * 24 * 3600,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        is_charge_refundable=status.startswith("warning_"),
        payment_intent=charge.payment_intent,
        payment_method_details={"type": "card", "card": {"brand": "visa", "case_type": "chargeback"}},
        reason=reason,
        status=status,
    )
    world.store.save(replace(charge, disputed=True))
    world.store.save(dispute)
    world.emit_document("charge.dispute.created", show(world, dispute))
    return dispute if dispute.is_inquiry else withdraw(world, dispute)


def withdraw(world: World, dispute: Dispute) -> Dispute:
    return _move(world, dispute, -dispute.amount, DISPUTE_FEE, "charge.dispute.funds_withdrawn")


def reinstate(world: World, dispute: Dispute) -> Dispute:
    return _move(world, dispute, dispute.amount, 0, "charge.dispute.funds_reinstated")


def _move(world: World, dispute: Dispute, amount: int, fee: int, event: str) -> Dispute:
    transaction = world.ledger.post(
        PLATFORM,
        "adjustment",
        dispute.id,
        dispute.currency,
        amount,
        now=world.now(),
        fee=fee,
        description="Dispute fee" if fee else "",
    )
    moved = replace(dispute, balance_transactions=[*dispute.balance_transactions, transaction])
    world.store.save(moved)
    world.emit_document(event, show(world, moved))
    return moved


def escalate(world: World, dispute: Dispute) -> Dispute:
    """An inquiry becomes a chargeback: same object, money withdrawn."""
    if not dispute.is_inquiry or dispute.status == "warning_closed":
        raise unexpected_state("dispute", dispute.id, "escalated", dispute.status)
    escalated = replace(dispute, status="needs_response", is_charge_refundable=False)
    world.store.save(escalated)
    world.emit_document("charge.dispute.updated", show(world, escalated))
    return withdraw(world, escalated)


def decide(world: World, dispute: Dispute, status: str) -> Dispute:
    """The bank's word. Winning a chargeback brings the money back."""
    decided = replace(dispute, status=status)
    world.store.save(decided)
    world.emit_document("charge.dispute.closed", show(world, decided))
    withdrawn = sum(world.ledger.get(str(one)).amount for one in dispute.balance_transactions) < 0
    return reinstate(world, decided) if status == "won" and withdrawn else decided


def set_status(world: World, dispute: Dispute, status: str) -> Dispute:
    """Any status, also one that nobody has heard of yet."""
    changed = replace(dispute, status=status)
    world.store.save(changed)
    world.emit_document("charge.dispute.updated", show(world, changed))
    return changed


def close_inquiries_of(world: World, charge: Charge) -> None:
    """An inquiry about a charge that was refunded in full is closed."""
    if charge.refunded:
        for dispute in world.store.select(Dispute, {"charge": charge.id}):
            if dispute.is_inquiry and dispute.status != "warning_closed":
                decide(world, dispute, "warning_closed")


def leaves_refundable(world: World, charge: Charge) -> bool:
    """Whether the charge may still be refunded although it is disputed."""
    open_or_lost = [one for one in world.store.select(Dispute, {"charge": charge.id}) if one.status != "won"]
    return all(dispute.is_charge_refundable for dispute in open_or_lost)


def show(world: World, dispute: Dispute) -> Document:
    transactions = [world.ledger.get(str(one)) for one in dispute.balance_transactions]
    shown: list[Json] = [world.ledger.show(one, world.now()) for one in transactions]
    return {**world.show(dispute), "balance_transactions": shown}


def retrieve(world: World, call: Call) -> Document:
    return show(world, world.store.get(Dispute, call.path["dispute"]))


def update(world: World, call: Call) -> Document:
    """Keeps evidence as a draft, or submits it: once."""
    dispute, params = world.store.get(Dispute, call.path["dispute"]), call.params
    given = params.nested("evidence")
    evidence = {**dispute.evidence, **given}
    if sum(len(value) for value in evidence.values() if isinstance(value, str)) > LONGEST_EVIDENCE:
        raise StripeError(f"The evidence exceeds {LONGEST_EVIDENCE} characters in total.", param="evidence")
    answering = bool(given) or params.flag("submit")
    if answering and dispute.status not in ("needs_response", "warning_needs_response"):
        raise unexpected_state("dispute", dispute.id, "answered", dispute.status)
    dispute = replace(dispute, evidence=evidence, metadata=params.metadata(dispute.metadata))
    if answering and params.flag("submit", default=True):
        dispute = _submitted(world, dispute)
    else:
        details = {**dispute.evidence_details, "has_evidence": any(evidence.values())}
        dispute = replace(dispute, evidence_details=details)
    world.store.save(dispute)
    world.emit_document("charge.dispute.updated", show(world, dispute))
    return show(world, dispute)


def _submitted(world: World, dispute: Dispute) -> Dispute:
    verdict = ANSWERS_ITSELF.get(str(dispute.evidence["uncategorized_text"]))
    if verdict is not None and not dispute.is_inquiry:
        world.defer(lambda: decide(world, world.store.get(Dispute, dispute.id), verdict))
    count = dispute.evidence_details["submission_count"]
    return replace(
        dispute,
        status="warning_under_review" if dispute.is_inquiry else "under_review",
        evidence_details={
            **dispute.evidence_details,
            "has_evidence": True,
            "submission_count": (count if isinstance(count, int) else 0) + 1,
        },
    )


def close(world: World, call: Call) -> Document:
    """Gives in: the dispute is lost."""
    dispute = world.store.get(Dispute, call.path["dispute"])
    if dispute.status != "needs_response":
        raise unexpected_state("dispute", dispute.id, "closed", dispute.status)
    return show(world, decide(world, dispute, "lost"))


def listing(world: World, call: Call) -> Document:
    where = {name: call.params.maybe_text(name) for name in ("charge", "payment_intent")}
    return page(world, call, Dispute, where, "/v1/disputes")
