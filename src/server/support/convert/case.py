"""Cases, their history and their messages on the wire: each as its reader may see it."""

from callsheet.support.v1 import case_pb2
from server.core.grpc.proto import EnumMap, timestamp
from server.support.cases import conversation, domain
from server.support.cases.reading import Seen
from server.support.cases.standing import AuthorRole, Standing

TYPES = EnumMap(case_pb2.CaseType, domain.CaseType, "CASE_TYPE_", case_pb2.CaseType.ValueType)
STATUSES = EnumMap(case_pb2.CaseStatus, domain.Status, "CASE_STATUS_", case_pb2.CaseStatus.ValueType)
SEVERITIES = EnumMap(case_pb2.CaseSeverity, domain.Severity, "CASE_SEVERITY_", case_pb2.CaseSeverity.ValueType)
ROLES = EnumMap(case_pb2.AuthorRole, AuthorRole, "AUTHOR_ROLE_", case_pb2.AuthorRole.ValueType)
VISIBILITIES = EnumMap(
    case_pb2.Visibility,
    domain.Visibility,
    "VISIBILITY_",
    case_pb2.Visibility.ValueType,
    default=domain.Visibility.PUBLIC,
)


def case(seen: Seen[domain.Case]) -> case_pb2.Case:
    item, subject = seen.item, seen.item.subject
    return case_pb2.Case(
        case_id=item.case_id,
        type=TYPES.number(item.type),
        subtype=item.subtype,
        status=STATUSES.number(item.status),
        customer_user_id=item.customer.user_id,
        customer_role=ROLES.number(item.customer.role),
        seller_user_id=item.seller.user_id if item.seller else "",
        leg_id=subject.leg_id or "",
        order_id=subject.order_id or "",
        studio_id=subject.studio_id or "",
        creator_id=subject.creator_id or "",
        payout_id=subject.payout_id or "",
        content_id=subject.content_id or "",
        merged_into_case_id=item.merged_into_case_id or "",
        closed_reason=item.closed_reason or "",
        version=item.version_for(seen.standing),
        created_at=timestamp(item.created_at),
        updated_at=timestamp(item.updated_at),
        closed_at=timestamp(item.closed_at) if item.closed_at else None,
        handling=_handling(item) if seen.standing is Standing.STAFF else None,
    )


def event(seen: Seen[domain.CaseEvent]) -> case_pb2.CaseEvent:
    item, staff = seen.item, seen.standing is Standing.STAFF
    by_a_party = item.by.standing in (Standing.CUSTOMER, Standing.SELLER)
    return case_pb2.CaseEvent(
        sequence=item.sequence_for(seen.standing),
        case_id=item.case_id,
        event=item.event,
        from_status=STATUSES.number(item.from_status) if item.from_status else case_pb2.CASE_STATUS_UNSPECIFIED,
        to_status=STATUSES.number(item.to_status),
        created_at=timestamp(item.created_at),
        actor_user_id=(item.by.user_id or "") if staff or by_a_party else "",
        details=dict(item.details) if staff else None,
    )


def message(seen: Seen[conversation.Message]) -> case_pb2.Message:
    item = seen.item
    return case_pb2.Message(
        message_id=item.message_id,
        case_id=item.case_id,
        origin_case_id=item.origin_case_id or "",
        visibility=VISIBILITIES.number(item.visibility),
        author_role=ROLES.number(item.author_role),
        author_user_id=conversation.author_shown(item, seen.standing),
        body_md=item.body_md,
        body_html=item.body_html,
        created_at=timestamp(item.created_at),
    )


def _handling(item: domain.Case) -> case_pb2.CaseHandling:
    due = item.deadlines
    return case_pb2.CaseHandling(
        severity=SEVERITIES.number(item.severity),
        owner_user_id=item.owner_user_id or "",
        watchers=item.watchers,
        reason_code=item.reason_code or "",
        decision_requested_by=item.decision_requested_by or "",
        first_response_due_at=timestamp(due.first_response) if due.first_response else None,
        next_response_due_at=timestamp(due.next_response) if due.next_response else None,
        resolution_due_at=timestamp(due.resolution) if due.resolution else None,
        paused_at=timestamp(due.paused_at) if due.paused_at else None,
        sla_cycle=item.sla_cycle,
    )
