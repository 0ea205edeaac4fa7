"""The kind of job that attributes orders, apart from its handler so that use cases can name it."""

from datetime import timedelta

from server.core.jobs import JobKind

ATTRIBUTE_ORDER = JobKind("promo.attribute_order", "counts an order for the click that its buyer came by")

DECIDED_WITHIN = timedelta(minutes=10)
"""How long the click of an order may take to be decided."""
