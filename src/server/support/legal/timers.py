"""The kind of the law's job, apart from its handler."""

from server.core.jobs import JobKind

RESTORATION = JobKind("support.restoration", "shows content again ten business days after a counter-notice")
