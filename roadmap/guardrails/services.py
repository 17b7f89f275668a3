"""The IAM prefixes of AWS's services: the universe of 11.5.3.

Collected from the actions that AWS's own managed policies name; AWS publishes the full list in the
Service Authorization Reference.
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

from pathlib import Path

PREFIXES: frozenset[str] = frozenset(
    (Path(__file__).parent / "service_prefixes.txt").read_text().split()
)
