"""What a decision on a finding rests on: it holds for this and for nothing else.

Source, item and check, resource, severity and what the finding says. Ages and times in the text
are left out, which are other ones with every look: "not rotated for 412 days", "last used
2026-11-01T08:00:00Z". Every other number counts, such as a port.
"""

from __future__ import annotations

import hashlib
import re

from roadmap.models import Finding

_TIMES = re.compile(
    r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d| ?UTC)?"
    r"|\d[\d,.]* ?(?:second|minute|hour|day|week|month|year)s?\b",
    re.IGNORECASE,
)


def fingerprint(finding: Finding) -> str:
    parts = (
        finding.source,
        finding.item,
        finding.code,
        finding.region,
        finding.resource,
        finding.severity,
        _TIMES.sub("#", finding.title),
        _TIMES.sub("#", finding.detail),
    )
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=16).hexdigest()
