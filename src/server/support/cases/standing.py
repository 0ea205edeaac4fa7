"""In which capacity somebody meets a case, and what that lets them see and do."""

from enum import StrEnum


class Standing(StrEnum):
    """What somebody is to one case. A party stays a party, whatever roles they have elsewhere."""

    CUSTOMER = "customer"
    SELLER = "seller"
    WATCHER = "watcher"
    STAFF = "staff"
    SERVICE = "service"
    SYSTEM = "system"


class AuthorRole(StrEnum):
    """As whom somebody writes."""

    BUYER = "buyer"
    SELLER = "seller"
    STUDIO_OWNER = "studio_owner"
    CREATOR = "creator"
    AGENT = "agent"
    SYSTEM = "system"
