"""The kind of job that tells advertisers, apart from its handler so that use cases can name it."""

from server.core.jobs import JobKind

SEND_NOTICE = JobKind("promo.send_notice", "tells an advertiser in the app and, at most once, by mail")
