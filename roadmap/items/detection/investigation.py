"""Alerts are heard, refusals are noticed, and what a principal did can be searched."""

from __future__ import annotations

from roadmap.registry import Fix, Flow, Item

item = Item(
    __name__,
    order="4.2",
    title="Logs can be investigated",
    guidance=(
        "Once an alert comes, three things are needed: that it reached a person, that refused "
        "calls were noticed as well, and that everything a principal did can be listed. This item"
        " is as good as the weakest of the three."
    ),
    scope="account",
    flow=Flow.PER_TARGET,
    sources=(),
    fix=Fix(
        "Close the weakest of the three abilities first.",
        "AWS Security Incident Response Technical Guide",
    ),
    source_url="https://docs.aws.amazon.com/whitepapers/latest/aws-security-incident-response-guide/aws-security-incident-response-guide.html",
)
