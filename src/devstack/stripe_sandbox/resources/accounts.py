"""Connected accounts: who is paid out, and the hosted onboarding that enables it."""

from dataclasses import dataclass, field, replace
from typing import ClassVar, Final

from devstack.stripe_sandbox.errors import StripeError
from devstack.stripe_sandbox.paging import PAGE, page
from devstack.stripe_sandbox.params import Choice, Flag, Kind, Metadata, Nested, Shape, Text
from devstack.stripe_sandbox.store import Resource
from devstack.stripe_sandbox.values import Document
from devstack.stripe_sandbox.world import DEFAULT_CURRENCY, Call, World

_CAPABILITY = Nested(Shape({"requested": Flag()}))
_FIELDS: dict[str, Kind] = {
    "business_type": Choice(("company", "individual")),
    "business_profile": Nested(Shape({"mcc": Text(), "name": Text(), "product_description": Text(), "url": Text()})),
    "capabilities": Nested(Shape({"transfers": _CAPABILITY, "card_payments": _CAPABILITY})),
    "email": Text(512),
    "metadata": Metadata(),
}
CREATE: Final = Shape(
    {
        **_FIELDS,
        "country": Text(2),
        "default_currency": Text(3),
        "type": Choice(("custom", "express", "standard")),
        "controller": Nested(
            Shape(
                {
                    "fees": Nested(Shape({"payer": Choice(("account", "application"))})),
                    "losses": Nested(Shape({"payments": Choice(("application", "stripe"))})),
                    "requirement_collection": Choice(("application", "stripe")),
                    "stripe_dashboard": Nested(Shape({"type": Choice(("express", "full", "none"))})),
                }
            )
        ),
    }
)
UPDATE: Final = Shape(_FIELDS)
LIST: Final = Shape(PAGE)
LINK: Final = Shape(
    required={
        "account": Text(),
        "type": Choice(("account_onboarding", "account_update")),
        "refresh_url": Text(),
        "return_url": Text(),
    },
    optional={"collection_options": Nested(Shape({"fields": Choice(("currently_due", "eventually_due"))}))},
)
LINK_SECONDS: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Account(Resource):
    """Somebody who is paid out."""

    object: ClassVar[str] = "account"
    prefix: ClassVar[str] = "acct_"
    noun: ClassVar[str] = "account"
    hidden: ClassVar[frozenset[str]] = frozenset({"livemode"})

    business_profile: Document = field(default_factory=dict)
    business_type: str | None = None
    capabilities: Document = field(default_factory=dict)
    charges_enabled: bool = False
    controller: Document = field(default_factory=dict)
    country: str
    default_currency: str
    details_submitted: bool = False
    email: str | None = None
    payouts_enabled: bool = False
    requirements: Document = field(default_factory=dict)
    type: str


def create(world: World, call: Call) -> Document:
    params = call.params
    account = Account(
        id=world.store.new_id(Account.prefix),
        created=world.now(),
        business_profile=params.nested("business_profile"),
        business_type=params.maybe_text("business_type"),
        capabilities=dict.fromkeys(_requested(params.nested("capabilities")), "inactive"),
        controller=params.nested("controller"),
        country=params.maybe_text("country") or "US",
        default_currency=params.maybe_text("default_currency") or DEFAULT_CURRENCY,
        email=params.maybe_text("email"),
        metadata=params.metadata(),
        requirements=_requirements(due=True),
        type=params.maybe_text("type") or ("none" if params.has("controller") else "standard"),
    )
    world.store.save(account)
    return world.show(account)


def _requested(capabilities: Document) -> list[str]:
    return [name for name, wish in capabilities.items() if isinstance(wish, dict) and wish.get("requested") is True]


def _requirements(*, due: bool) -> Document:
    return {
        "alternatives": [],
        "current_deadline": None,
        "currently_due": ["external_account", "tos_acceptance.date"] if due else [],
        "disabled_reason": "requirements.past_due" if due else None,
        "errors": [],
        "eventually_due": [],
        "past_due": [],
        "pending_verification": [],
    }


def retrieve(world: World, call: Call) -> Document:
    return world.show(world.store.get(Account, call.path["account"]))


def update(world: World, call: Call) -> Document:
    account, params = world.store.get(Account, call.path["account"]), call.params
    added = {name: "inactive" for name in _requested(params.nested("capabilities")) if name not in account.capabilities}
    account = replace(
        account,
        business_type=params.maybe_text("business_type") or account.business_type,
        business_profile={**account.business_profile, **params.nested("business_profile")},
        capabilities={**account.capabilities, **added},
        email=params.maybe_text("email") or account.email,
        metadata=params.metadata(account.metadata),
    )
    return world.show(_changed(world, account))


def listing(world: World, call: Call) -> Document:
    return page(world, call, Account, {}, "/v1/accounts")


def _changed(world: World, account: Account) -> Account:
    world.store.save(account)
    world.emit("account.updated", account, account=account.id)
    return account


def onboard(world: World, identifier: str) -> Account:
    """The person behind the account went through the hosted form: everything asked for is active."""
    return set_standing(world, identifier, enabled=True)


def set_standing(world: World, identifier: str, *, enabled: bool) -> Account:
    """Enables the account, or takes its capabilities away again."""
    account = world.store.get(Account, identifier)
    return _changed(
        world,
        replace(
            account,
            details_submitted=account.details_submitted or enabled,
            charges_enabled=enabled,
            payouts_enabled=enabled,
            capabilities=dict.fromkeys(account.capabilities, "active" if enabled else "inactive"),
            requirements=_requirements(due=not enabled),
        ),
    )


def pay_out(world: World, identifier: str, amount: int) -> Document:
    """Money leaves the account for its owner's bank: later reversals may find the account short."""
    account = world.store.get(Account, identifier)
    available, pending = world.ledger.balance(account.id, account.default_currency, world.now())
    if amount > available + pending:
        raise StripeError("You have insufficient funds in your Stripe account.", code="balance_insufficient")
    transaction = world.ledger.post(
        account.id, "payout", world.store.new_id("po_"), account.default_currency, -amount, now=world.now()
    )
    return world.ledger.show(world.ledger.get(transaction), world.now())


def link(world: World, call: Call) -> Document:
    """A link to the hosted form; it is good for minutes."""
    account = world.store.get(Account, call.params.text("account"), "account")
    token = world.store.new_id("")
    world.store.set(f"onboarding:{token}", f"{account.id} {call.params.text('return_url')}")
    return {
        "object": "account_link",
        "created": world.now(),
        "expires_at": world.now() + LINK_SECONDS,
        "url": f"{world.base_url}/_sandbox/onboarding/{token}",
    }
