"""Cases between people of the marketplace and those who help them.

Owns support_case, support_message, support_event, support_refund, payout_hold, sla_policy, calendar, sla_miss,
evidence_object, dmca_notice and processor_dispute. Invariants: every change of a case writes one event with the next
sequence in the same transaction, and the case's version is that sequence; what a party of a case may see has a gapless
numbering of its own; deadlines are a function of the history and of the promise that the case was opened with.
"""
