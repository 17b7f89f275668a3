"""How an attempt to observe something ended, and why evidence may be missing."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """``collected`` has a value, which may say that a service is off; the others have none."""

    COLLECTED = "collected"
    ACCESS_DENIED = "access_denied"
    ASSUME_ROLE_DENIED = "assume_role_denied"
    REGION_BLOCKED = "region_blocked"
    REGION_UNREACHABLE = "region_unreachable"
    SERVICE_UNAVAILABLE = "service_unavailable"
    THROTTLED = "throttled"
    API_ERROR = "api_error"
    JOB_TIMEOUT = "job_timeout"
    NEVER_COLLECTED = "never_collected"
    STALE = "stale"


class Missing(Exception):
    """A rule read something that was not observed. ``outcome`` is the reason, ``code`` AWS's error
    code where AWS gave one."""

    code = ""

    def __init__(self, outcome: Outcome, message: str) -> None:
        super().__init__(message)
        self.outcome = outcome
        self.message = message
