"""All of support's calls."""

from callsheet.support.v1.support_pb2_grpc import SupportServiceServicer
from server.support.servicer.cases import CaseCalls
from server.support.servicer.handling import HandlingCalls
from server.support.servicer.money import MoneyCalls
from server.support.servicer.promises import PromiseCalls
from server.support.servicer.records import RecordCalls


class SupportServicer(CaseCalls, HandlingCalls, PromiseCalls, RecordCalls, MoneyCalls, SupportServiceServicer):
    """Answers `callsheet.support.v1.SupportService`."""
