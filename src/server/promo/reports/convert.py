"""Reports on the wire."""

from callsheet.promo.v1 import report_pb2 as pb
from server.core.call import Actor
from server.core.grpc.proto import EnumMap, timestamp
from server.promo.convert import day_of
from server.promo.domain.report import Counts, Report, ReportGranularity, ReportRow
from server.promo.reports.usecases import GetCampaignReport

GRANULARITIES = EnumMap(
    pb.ReportGranularity,
    ReportGranularity,
    "REPORT_GRANULARITY_",
    pb.ReportGranularity.ValueType,
    default=ReportGranularity.DAY,
)


def get_campaign_report(request: pb.GetCampaignReportRequest, actor: Actor) -> GetCampaignReport:
    return GetCampaignReport(
        actor=actor,
        campaign_id=request.campaign_id,
        first_day=day_of(request.first_day, "first_day"),
        last_day=day_of(request.last_day, "last_day"),
        granularity=GRANULARITIES.member(request.granularity),
    )


def get_campaign_report_response(report: Report) -> pb.GetCampaignReportResponse:
    return pb.GetCampaignReportResponse(
        rows=map(_row, report.rows), total=_counts(report.total), time_zone=report.time_zone
    )


def _row(row: ReportRow) -> pb.ReportRow:
    message = _counts(row.counts)
    message.starts_at.CopyFrom(timestamp(row.starts_at))
    message.local_start = row.starts_at.isoformat()
    return message


def _counts(counts: Counts) -> pb.ReportRow:
    return pb.ReportRow(
        impressions=counts.impressions,
        clicks=counts.clicks,
        billed_clicks=counts.billed_clicks,
        invalid_clicks=counts.invalid_clicks,
        duplicate_clicks=counts.duplicate_clicks,
        over_delivered_clicks=counts.over_delivered_clicks,
        spend_cents=counts.spend_cents,
        credited_cents=counts.credited_cents,
        attributed_orders=counts.attributed_orders,
    )
