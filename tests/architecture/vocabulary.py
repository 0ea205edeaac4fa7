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
        proto="callsheet.booking.v1.CancellationPolicy",
        columns=(
            "booking.fee_policy.cancellation_policy",
            "booking.order.cancellation_policy",
            "booking.provider_profile.cancellation_policy",
        ),
    ),
    Word(
        "server.booking.catalogue.domain.RateKind",
        proto="callsheet.booking.v1.RateKind",
        columns=("booking.rate.kind",),
    ),
    Word(
        "server.booking.domain.order.Status",
        proto="callsheet.booking.v1.BookingStatus",
        types=("booking.booking_status",),
    ),
    Word(
        "server.booking.domain.parties.ActorKind",
        proto="callsheet.booking.v1.ActorKind",
        columns=("booking.order_event.actor_kind",),
    ),
    Word(
        "server.booking.domain.parties.Side",
        proto="callsheet.booking.v1.Side",
        columns=("booking.request.offered_by",),
    ),
    Word(
        "server.booking.domain.terms.LocationKind",
        proto="callsheet.booking.v1.LocationKind",
        columns=("booking.order.location_kind",),
    ),
    Word("server.booking.cancelling.decision.Band", proto="callsheet.booking.v1.CancellationBand"),
    Word(
        "server.booking.fulfilment.milestones.MilestoneStatus",
        proto="callsheet.booking.v1.MilestoneStatus",
        columns=("booking.milestone.status",),
    ),
    Word(
        "server.booking.fulfilment.extras.AdjustmentKind",
        proto="callsheet.booking.v1.AdjustmentKind",
        columns=("booking.adjustment.kind",),
    ),
    Word("server.booking.fulfilment.extras.AdjustmentStatus", proto="callsheet.booking.v1.AdjustmentStatus"),
    Word(
        "server.booking.disputes.decisions.ApprovalRole",
        proto="callsheet.booking.v1.ApprovalRole",
        columns=("booking.dispute_decision.approval_role",),
    ),
    Word(
        "server.booking.disputes.decisions.DecisionStatus",
        proto="callsheet.booking.v1.DecisionStatus",
        columns=("booking.dispute_decision.status",),
    ),
    Word(
        "server.booking.disputes.decisions.Result",
        proto="callsheet.booking.v1.DisputeResult",
        columns=("booking.dispute_decision.result",),
    ),
    Word(
        "server.booking.disputes.domain.DisputeStatus",
        proto="callsheet.booking.v1.DisputeStatus",
        columns=("booking.dispute.status",),
    ),
    Word(
        "server.booking.disputes.domain.Opener",
        proto="callsheet.booking.v1.DisputeOpener",
        columns=("booking.dispute.opened_by", "booking.dispute_statement.author"),
    ),
    Word(
        "server.booking.disputes.domain.Outcome",
        proto="callsheet.booking.v1.DisputeOutcome",
        columns=("booking.dispute.outcome",),
    ),
    Word("server.booking.domain.terms.Mode", proto="callsheet.booking.v1.BookingMode", types=("booking.booking_mode",)),
    Word(
        "server.booking.domain.invite.AwardMode",
        proto="callsheet.booking.v1.AwardMode",
        columns=("booking.invite.award_mode",),
    ),
    Word(
        "server.booking.domain.invite.InviteStatus",
        proto="callsheet.booking.v1.InviteStatus",
        columns=("booking.invite.status",),
    ),
    Word(
        "server.booking.domain.invite.RecipientStatus",
        proto="callsheet.booking.v1.RecipientStatus",
        columns=("booking.invite_recipient.status",),
    ),
    Word(
        "server.booking.domain.request.RequestStatus",
        proto="callsheet.booking.v1.RequestStatus",
        columns=("booking.request.status",),
    ),
    Word(
        "server.booking.domain.reschedule.RescheduleStatus",
        proto="callsheet.booking.v1.RescheduleStatus",
        columns=("booking.reschedule.status",),
    ),
    Word("server.booking.domain.invite.AwardMode", columns=("booking.invite.award_mode",)),
    Word("server.booking.domain.invite.InviteStatus", columns=("booking.invite.status",)),
    Word("server.booking.domain.invite.RecipientStatus", columns=("booking.invite_recipient.status",)),
    Word("server.booking.domain.request.RequestStatus", columns=("booking.request.status",)),
    Word(
        "server.booking.money.moves.MoveStatus",
        columns=("booking.transfer.status", "booking.transfer_reversal.status"),
    ),
    Word(
        "server.booking.money.moves.RefundStatus",
        proto="callsheet.booking.v1.RefundStatus",
        columns=("booking.refund.status",),
    ),
    Word(
        "server.booking.money.payment.PaymentStatus",
        proto="callsheet.booking.v1.PaymentStatus",
        columns=("booking.payment.status",),
    ),
    Word(
        "server.booking.money.port.Purpose",
        proto="callsheet.booking.v1.PaymentPurpose",
        columns=("booking.payment.purpose",),
    ),
    Word("server.booking.money.port.RefundCause", columns=("booking.refund.cause",)),
    Word(
        "server.booking.pricing.LineItemKind",
        proto="callsheet.booking.v1.LineItemKind",
        columns=("booking.line_item.kind",),
    ),
    Word(
        "server.growth.credit.domain.CreditScope",
        proto="callsheet.growth.v1.CreditScope",
        columns=("public.credit_grant.scope", "public.referral_program.credit_scope"),
    ),
    Word(
        "server.growth.credit.domain.EntryKind",
        proto="callsheet.growth.v1.CreditEntryKind",
        columns=("public.credit_ledger.kind",),
    ),
    Word(
        "server.growth.feed.domain.PostKind",
        proto="callsheet.growth.v1.PostKind",
        columns=("public.feed_post.kind",),
    ),
    Word(
        "server.growth.feed.domain.TargetKind",
        proto="callsheet.growth.v1.TargetKind",
        columns=("public.follow.target_kind",),
    ),
    Word("server.booking.providers.domain.ObstacleKind", proto="callsheet.booking.v1.ObstacleKind"),
    Word("server.booking.providers.hours.Weekday", proto="callsheet.booking.v1.Weekday"),
    Word(
        "server.growth.referrals.domain.InviteStatus",
        proto="callsheet.growth.v1.InviteStatus",
        columns=("public.referral_invite.status",),
    ),
    Word(
        "server.growth.referrals.domain.ProgramKind",
        proto="callsheet.growth.v1.ProgramKind",
        columns=("public.referral_program.kind",),
    ),
    Word("server.growth.referrals.scoring.Decision", columns=("public.referral_assessment.decision",)),
    Word("server.growth.referrals.scoring.SignalKind", columns=("public.referral_signal.kind",)),
    Word(
        "server.growth.saved_searches.domain.SearchScope",
        proto="callsheet.growth.v1.SearchScope",
        columns=("public.saved_search.scope", "public.search_document.scope"),
    ),
    Word(
        "server.growth.saved_searches.mail_rows.MailStatus",
        columns=("public.saved_search_alert.mail_status",),
    ),
    Word("server.payments.domain.CallStatus", columns=("payments.stripe_call.status",)),
    Word("server.payments.domain.InboxStatus", columns=("payments.webhook_event.status",)),
    Word("server.payments.domain.SliceName", columns=("payments.object_owner.slice", "payments.stripe_call.slice")),
    Word(
        "server.directory.domain.UserKind",
        proto="callsheet.directory.v1.UserKind",
        columns=("directory.user_profile.kinds",),
    ),
    Word(
        "server.promo.domain.adjustment.AdjustmentStatus",
        proto="callsheet.promo.v1.AdjustmentStatus",
        columns=("public.promo_adjustment.status",),
    ),
    Word(
        "server.promo.domain.debt.SettlementMethod",
        proto="callsheet.promo.v1.SettlementMethod",
        columns=("public.promo_debt_settlement.method",),
    ),
    Word(
        "server.promo.domain.debt.SettlementStatus",
        proto="callsheet.promo.v1.SettlementStatus",
        columns=("public.promo_debt_settlement.status",),
    ),
    Word(
        "server.promo.domain.advertiser.AdvertiserStatus",
        proto="callsheet.promo.v1.AdvertiserStatus",
        columns=("public.promo_advertiser.status",),
    ),
    Word(
        "server.promo.domain.campaign.CampaignStatus",
        proto="callsheet.promo.v1.CampaignStatus",
        columns=("public.promo_campaign.status",),
    ),
    Word(
        "server.promo.domain.campaign.Format",
        proto="callsheet.promo.v1.Format",
        columns=("public.promo_campaign.format",),
    ),
    Word(
        "server.promo.domain.campaign.PacingMode",
        proto="callsheet.promo.v1.PacingMode",
        columns=("public.promo_campaign.pacing_mode",),
    ),
    Word(
        "server.promo.domain.campaign.Surface",
        proto="callsheet.promo.v1.Surface",
        columns=("public.promo_campaign.surface", "public.promo_policy.surface"),
    ),
    Word(
        "server.promo.domain.campaign.TargetEntityType",
        proto="callsheet.promo.v1.TargetEntityType",
        columns=("public.promo_campaign.target_entity_type",),
    ),
    Word(
        "server.promo.domain.campaign.TotalBudgetMode",
        proto="callsheet.promo.v1.TotalBudgetMode",
        columns=("public.promo_campaign.total_budget_mode",),
    ),
    Word("server.promo.ingest.events.EventRejection", proto="callsheet.promo.v1.EventRejection"),
    Word("server.promo.ingest.events.EventResult", proto="callsheet.promo.v1.EventResult"),
    Word(
        "server.promo.ingest.events.EventType",
        proto="callsheet.promo.v1.EventType",
        columns=("public.promo_event.type",),
        wider="a click that was found invalid is stored as such",
    ),
    Word(
        "server.promo.domain.history.ActorKind",
        columns=("public.promo_campaign_event.actor_kind",),
    ),
    Word(
        "server.promo.domain.ledger.CreditSource",
        proto="callsheet.promo.v1.CreditSource",
        columns=("public.promo_budget_ledger.credit_source",),
    ),
    Word(
        "server.promo.domain.ledger.EntryKind",
        proto="callsheet.promo.v1.BudgetEntryKind",
        columns=("public.promo_budget_ledger.kind",),
    ),
    Word("server.promo.serving.domain.unserved.Obstacle"),
    Word("server.promo.serving.domain.unserved.Unserved", columns=("public.promo_unserved.reason",)),
    Word("server.promo.serving.domain.unserved.Unserved"),
    Word("server.promo.domain.notice.NoticeKind", columns=("public.promo_notice.kind",)),
    Word(
        "server.promo.domain.topup.TopUpCause",
        proto="callsheet.promo.v1.TopUpCause",
        columns=("public.promo_topup.cause",),
    ),
    Word(
        "server.promo.domain.topup.TopUpStatus",
        proto="callsheet.promo.v1.TopUpStatus",
        columns=("public.promo_topup.status",),
    ),
    Word(
        "server.promo.domain.withdrawal.PartStatus",
        proto="callsheet.promo.v1.WithdrawalPartStatus",
        columns=("public.promo_withdrawal_part.status",),
    ),
    Word(
        "server.promo.domain.withdrawal.WithdrawalStatus",
        proto="callsheet.promo.v1.WithdrawalStatus",
        columns=("public.promo_withdrawal.status",),
    ),
    # Text in a decision, which no check may refuse in the stream's transaction.
    Word("server.promo.domain.verdicts.Rule", proto="callsheet.promo.v1.ClickRule"),
    Word("server.promo.domain.verdicts.Verdict", proto="callsheet.promo.v1.ClickVerdict"),
    Word("server.promo.domain.charging.Charging", proto="callsheet.promo.v1.Charging"),
    Word(
        "server.promo.domain.claim.ClickClaimStatus",
        proto="callsheet.promo.v1.ClickClaimStatus",
        columns=("public.promo_click_claim.status",),
    ),
    Word("server.promo.domain.report.ReportGranularity", proto="callsheet.promo.v1.ReportGranularity"),
    Word(
        "server.promo.domain.switches.KillSwitchScope",
        proto="callsheet.promo.v1.KillSwitchScope",
        columns=("public.promo_switch_event.scope",),
    ),
    Word("server.promo.notices.repository.MailStatus", columns=("public.promo_notice.mail_status",)),
    Word("server.promo.serving.domain.unserved.Obstacle", proto="callsheet.promo.v1.Obstacle"),
    Word(
        "server.promo.serving.domain.unserved.Unserved",
        proto="callsheet.promo.v1.Unserved",
        columns=("public.promo_unserved.reason",),
    ),
    Word("server.promo.tokens.TokenState", proto="callsheet.promo.v1.TokenState"),
    Word(
        "server.support.cases.domain.CaseType",
        proto="callsheet.support.v1.CaseType",
        columns=("public.sla_policy.type", "public.support_case.type"),
    ),
    Word(
        "server.support.cases.domain.Severity",
        proto="callsheet.support.v1.CaseSeverity",
        columns=("public.sla_policy.severity", "public.support_case.severity"),
    ),
    Word(
        "server.support.cases.domain.Status",
        proto="callsheet.support.v1.CaseStatus",
        columns=("public.support_case.status",),
    ),
    Word(
        "server.support.cases.domain.Visibility",
        proto="callsheet.support.v1.Visibility",
        columns=("public.support_message.visibility",),
    ),
    Word("server.support.cases.reading.Queue", proto="callsheet.support.v1.Queue"),
    Word(
        "server.support.cases.standing.AuthorRole",
        proto="callsheet.support.v1.AuthorRole",
        columns=(
            "public.support_case.opener_role",
            "public.support_case.respondent_role",
            "public.support_message.author_role",
        ),
    ),
    Word(
        "server.support.evidence.domain.EvidenceStatus",
        proto="callsheet.support.v1.EvidenceStatus",
        columns=("public.evidence_object.status",),
    ),
    Word(
        "server.support.holds.domain.HoldStatus",
        proto="callsheet.support.v1.HoldStatus",
        columns=("public.payout_hold.status",),
    ),
    Word(
        "server.support.holds.domain.ReleaseReason",
        proto="callsheet.support.v1.ReleaseReason",
        columns=("public.payout_hold.released_reason",),
    ),
    Word("server.support.refunds.domain.ApprovalRole", proto="callsheet.support.v1.ApprovalRole"),
    Word(
        "server.support.refunds.domain.RefundStatus",
        proto="callsheet.support.v1.RefundStatus",
        columns=("public.support_refund.status",),
    ),
    Word("server.support.legal.domain.Element", proto="callsheet.support.v1.NoticeElement"),
    Word("server.support.legal.domain.NoticeKind", columns=("public.dmca_notice.kind",)),
    Word("server.support.sla.calendar.Weekday", proto="callsheet.support.v1.Weekday"),
    Word("server.support.sla.clocks.Clock", columns=("public.sla_miss.clock",)),
)

# Enums of a slice that neither travel nor are stored, and what they are for.
INTERNAL: dict[str, str] = {
    "server.promo.serving.repository.Source": "which table a change that a server looks for was written to",
    "server.booking.fulfilment.extras.AdjustmentStatus": "follows from what is applied and from the payment's status",
    "server.booking.ports.RefundOutcome": "what another slice is told of refund rows, of which a set may have several",
    "server.promo.domain.ledger.Chain": "the sign of an amount tells its chain; the database checks that",
    "server.promo.domain.agreement.Disagreement": "what the verifier says to operators",
    "server.promo.tokens.TokenState": "a column of the log, written by servers and read by the stream",
    "server.promo.domain.verdicts.Rule": "text in a decision: an old rule stays readable when it is gone",
    "server.promo.domain.verdicts.Verdict": "text in a decision, which no check may refuse in the stream's transaction",
    "server.promo.ingest.events.AdvertiserLink": "a column of the log, written by servers and read by the stream",
    "server.promo.ingest.events.NetworkClass": "a column of the log, written by servers and read by the stream",
    "server.support.cases.standing.Standing": "what somebody is to one case; kept among the details of its history",
    "server.support.sla.clocks.Moment": "what a step of a case's history means to its clocks",
    "server.support.evidence.content.Mime": "types as the world names them; the request's rule lists the same",
}

# Enums of the protos that no slice has as an enum, and why.
WIRE_ONLY: dict[str, str] = {
    "callsheet.growth.v1.ReviewDecision": "staff choose between two of the three decisions that a score can make",
}
