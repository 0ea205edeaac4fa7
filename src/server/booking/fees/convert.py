"""Fee policies: protobuf and domain, in both directions."""

from callsheet.booking.v1 import policy_pb2 as pb
from callsheet.booking.v1 import provider_pb2
from server.booking.fees.domain import FeeDecision
from server.booking.fees.usecases import ListFeePolicies, PutFeePolicy
from server.booking.pricing import FeePolicy
from server.booking.providers.convert import POLICIES
from server.core.call import Actor
from server.core.grpc.proto import instant, timestamp
from server.core.pagination import Page

_UNSPECIFIED = provider_pb2.CANCELLATION_POLICY_UNSPECIFIED


def put_fee_policy(request: pb.PutFeePolicyRequest, actor: Actor) -> PutFeePolicy:
    """The policy gets its id where it is stored."""
    cancellation = request.cancellation_policy
    return PutFeePolicy(
        actor=actor,
        terms=FeePolicy(
            fee_policy_id="",
            fee_bips=request.fee_bips,
            fee_min_cents=request.fee_min_cents,
            fee_max_cents=request.fee_max_cents if request.HasField("fee_max_cents") else None,
            tax_bips=request.tax_bips,
            credit_shrinks_tax=request.credit_shrinks_tax,
            commission_bips=request.commission_bips,
        ),
        city=request.city,
        currency=request.currency,
        effective_from=instant(request.effective_from, "effective_from")
        if request.HasField("effective_from")
        else None,
        cancellation_policy=None if cancellation == _UNSPECIFIED else POLICIES.member(cancellation),
    )


def put_fee_policy_response(decision: FeeDecision) -> pb.PutFeePolicyResponse:
    return pb.PutFeePolicyResponse(fee_policy=_fee_policy(decision))


def list_fee_policies(request: pb.ListFeePoliciesRequest, actor: Actor) -> ListFeePolicies:
    return ListFeePolicies(actor, request.city, request.page_size, request.page_token)


def list_fee_policies_response(page: Page[FeeDecision]) -> pb.ListFeePoliciesResponse:
    return pb.ListFeePoliciesResponse(fee_policies=map(_fee_policy, page.items), next_page_token=page.next_token)


def _fee_policy(decision: FeeDecision) -> pb.FeePolicy:
    policy, cancellation = decision.policy, decision.cancellation_policy
    return pb.FeePolicy(
        fee_policy_id=policy.fee_policy_id,
        city=decision.city,
        effective_from=timestamp(decision.effective_from),
        currency=decision.currency,
        fee_bips=policy.fee_bips,
        fee_min_cents=policy.fee_min_cents,
        fee_max_cents=policy.fee_max_cents,
        tax_bips=policy.tax_bips,
        credit_shrinks_tax=policy.credit_shrinks_tax,
        commission_bips=policy.commission_bips,
        cancellation_policy=_UNSPECIFIED if cancellation is None else POLICIES.number(cancellation),
        created_by=decision.created_by,
        created_at=timestamp(decision.created_at),
    )
