"""Protobuf and domain, in both directions."""

from callsheet.growth.v1 import credit_pb2 as pb
from server.core.call import Actor
from server.core.grpc.proto import EnumMap, instant, timestamp
from server.core.pagination import Page
from server.growth.credit.domain import CreditScope, Entry, EntryKind, Grant
from server.growth.credit.ledger import Award, Redemption, Reversal
from server.growth.credit.usecases import Balance, ListEntries

KINDS = EnumMap(pb.CreditEntryKind, EntryKind, "CREDIT_ENTRY_KIND_", pb.CreditEntryKind.ValueType)
SCOPES = EnumMap(pb.CreditScope, CreditScope, "CREDIT_SCOPE_", pb.CreditScope.ValueType)


def list_entries(request: pb.ListCreditEntriesRequest, actor: Actor) -> ListEntries:
    return ListEntries(actor=actor, user_id=request.user_id, page_size=request.page_size, page_token=request.page_token)


def award(request: pb.GrantCreditRequest) -> Award:
    return Award(
        amount_cents=request.amount_cents,
        currency=request.currency.upper(),
        scope=SCOPES.member(request.scope),
        reason=request.reason,
        related_id=request.related_id,
        expires_at=instant(request.expires_at, "expires_at") if request.HasField("expires_at") else None,
    )


def redemption(request: pb.RedeemCreditRequest) -> Redemption:
    return Redemption(
        amount_cents=request.amount_cents,
        currency=request.currency.upper(),
        scope=SCOPES.member(request.scope),
        reason=request.reason,
        related_id=request.related_id,
    )


def reversal(request: pb.ReverseRedeemRequest) -> Reversal:
    return Reversal(
        entry_id=request.entry_id,
        amount_cents=request.amount_cents,
        reason=request.reason,
        related_id=request.related_id,
    )


def balance_response(balance: Balance) -> pb.GetCreditBalanceResponse:
    return pb.GetCreditBalanceResponse(
        balance_cents=balance.balance_cents,
        debt_cents=balance.debt_cents,
        currency=balance.currency.lower(),
        grants=map(_grant, balance.grants),
    )


def list_entries_response(page: Page[Entry]) -> pb.ListCreditEntriesResponse:
    return pb.ListCreditEntriesResponse(entries=map(_entry, page.items), next_page_token=page.next_token)


def grant_response(entry: Entry) -> pb.GrantCreditResponse:
    return pb.GrantCreditResponse(entry=_entry(entry))


def redeem_response(entry: Entry) -> pb.RedeemCreditResponse:
    return pb.RedeemCreditResponse(entry=_entry(entry))


def reverse_response(entry: Entry) -> pb.ReverseRedeemResponse:
    return pb.ReverseRedeemResponse(entry=_entry(entry))


def claw_back_response(balance: Balance) -> pb.ClawbackCreditResponse:
    return pb.ClawbackCreditResponse(balance_cents=balance.balance_cents, debt_cents=balance.debt_cents)


def _entry(entry: Entry) -> pb.CreditEntry:
    return pb.CreditEntry(
        entry_id=entry.entry_id,
        user_id=entry.user_id,
        sequence=entry.sequence,
        kind=KINDS.number(entry.kind),
        amount_cents=entry.amount_cents,
        currency=entry.currency.lower(),
        reason=entry.reason,
        related_id=entry.related_id,
        program_id=entry.program_id or "",
        reverses_entry_id=entry.reverses_entry_id or "",
        debt_id=entry.debt_id or "",
        hash=entry.hash,
        created_at=timestamp(entry.created_at),
    )


def _grant(grant: Grant) -> pb.CreditGrant:
    return pb.CreditGrant(
        grant_id=grant.grant_id,
        entry_id=grant.entry_id,
        amount_cents=grant.amount_cents,
        remaining_cents=grant.remaining_cents,
        scope=SCOPES.number(grant.scope),
        expires_at=None if grant.expires_at is None else timestamp(grant.expires_at),
    )
