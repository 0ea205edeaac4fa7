"""Requests to handle cases, and the answers."""

from callsheet.support.v1 import handling_pb2
from server.core.call import Actor
from server.support.cases.domain import Case
from server.support.cases.handling import Handle, HandlePerson, SetSeverity
from server.support.cases.merging import MergeCases
from server.support.cases.reading import Seen
from server.support.convert import case as wire


def assign_case(request: handling_pb2.AssignCaseRequest, actor: Actor) -> HandlePerson:
    return HandlePerson(actor, request.case_id, request.version, request.owner_user_id)


def update_case_severity(request: handling_pb2.UpdateCaseSeverityRequest, actor: Actor) -> SetSeverity:
    severity = wire.SEVERITIES.member(request.severity)
    return SetSeverity(actor, request.case_id, request.version, severity, request.reason)


def add_watcher(request: handling_pb2.AddWatcherRequest, actor: Actor) -> HandlePerson:
    return HandlePerson(actor, request.case_id, request.version, request.user_id)


def remove_watcher(request: handling_pb2.RemoveWatcherRequest, actor: Actor) -> HandlePerson:
    return HandlePerson(actor, request.case_id, request.version, request.user_id)


def investigate_case(request: handling_pb2.InvestigateCaseRequest, actor: Actor) -> Handle:
    return Handle(actor, request.case_id, request.version, request.reason)


def await_customer(request: handling_pb2.AwaitCustomerRequest, actor: Actor) -> Handle:
    return Handle(actor, request.case_id, request.version, request.body_md)


def await_seller(request: handling_pb2.AwaitSellerRequest, actor: Actor) -> Handle:
    return Handle(actor, request.case_id, request.version, request.body_md)


def request_decision(request: handling_pb2.RequestDecisionRequest, actor: Actor) -> Handle:
    return Handle(actor, request.case_id, request.version, request.proposal)


def deny_case(request: handling_pb2.DenyCaseRequest, actor: Actor) -> Handle:
    return Handle(actor, request.case_id, request.version, request.body_md, request.reason_code)


def grant_goodwill(request: handling_pb2.GrantGoodwillRequest, actor: Actor) -> Handle:
    return Handle(
        actor,
        request.case_id,
        request.version,
        request.body_md,
        request.reason_code,
        request.credit_cents,
        request.currency,
    )


def escalate_case(request: handling_pb2.EscalateCaseRequest, actor: Actor) -> Handle:
    return Handle(actor, request.case_id, request.version, request.reason)


def close_case(request: handling_pb2.CloseCaseRequest, actor: Actor) -> Handle:
    return Handle(actor, request.case_id, request.version, request.reason)


def reopen_case(request: handling_pb2.ReopenCaseRequest, actor: Actor) -> Handle:
    return Handle(actor, request.case_id, request.version, request.reason)


def merge_cases(request: handling_pb2.MergeCasesRequest, actor: Actor) -> MergeCases:
    return MergeCases(actor, request.case_id, request.into_case_id, request.version)


def assign_case_response(seen: Seen[Case]) -> handling_pb2.AssignCaseResponse:
    return handling_pb2.AssignCaseResponse(case=wire.case(seen))


def update_case_severity_response(seen: Seen[Case]) -> handling_pb2.UpdateCaseSeverityResponse:
    return handling_pb2.UpdateCaseSeverityResponse(case=wire.case(seen))


def add_watcher_response(seen: Seen[Case]) -> handling_pb2.AddWatcherResponse:
    return handling_pb2.AddWatcherResponse(case=wire.case(seen))


def remove_watcher_response(seen: Seen[Case]) -> handling_pb2.RemoveWatcherResponse:
    return handling_pb2.RemoveWatcherResponse(case=wire.case(seen))


def investigate_case_response(seen: Seen[Case]) -> handling_pb2.InvestigateCaseResponse:
    return handling_pb2.InvestigateCaseResponse(case=wire.case(seen))


def await_customer_response(seen: Seen[Case]) -> handling_pb2.AwaitCustomerResponse:
    return handling_pb2.AwaitCustomerResponse(case=wire.case(seen))


def await_seller_response(seen: Seen[Case]) -> handling_pb2.AwaitSellerResponse:
    return handling_pb2.AwaitSellerResponse(case=wire.case(seen))


def request_decision_response(seen: Seen[Case]) -> handling_pb2.RequestDecisionResponse:
    return handling_pb2.RequestDecisionResponse(case=wire.case(seen))


def deny_case_response(seen: Seen[Case]) -> handling_pb2.DenyCaseResponse:
    return handling_pb2.DenyCaseResponse(case=wire.case(seen))


def grant_goodwill_response(seen: Seen[Case]) -> handling_pb2.GrantGoodwillResponse:
    return handling_pb2.GrantGoodwillResponse(case=wire.case(seen))


def escalate_case_response(seen: Seen[Case]) -> handling_pb2.EscalateCaseResponse:
    return handling_pb2.EscalateCaseResponse(case=wire.case(seen))


def close_case_response(seen: Seen[Case]) -> handling_pb2.CloseCaseResponse:
    return handling_pb2.CloseCaseResponse(case=wire.case(seen))


def reopen_case_response(seen: Seen[Case]) -> handling_pb2.ReopenCaseResponse:
    return handling_pb2.ReopenCaseResponse(case=wire.case(seen))


def merge_cases_response(seen: Seen[Case]) -> handling_pb2.MergeCasesResponse:
    return handling_pb2.MergeCasesResponse(case=wire.case(seen))
