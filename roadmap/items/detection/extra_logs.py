"""For each log source beyond the trail it is decided: on, or declined with a reason."""

from __future__ import annotations

from roadmap.registry import Fix, Flow, Item
from roadmap.verdicts import Source

item = Item(
    __name__,
    order="4.5",
    title="Additional log sources decided",
    guidance=(
        "DNS queries, network flows, data events and access logs cost money and answer questions "
        "the trail cannot. None of them is compulsory. What counts is that somebody decided about"
        " each: switched on, or declined with a reason that holds for a year."
    ),
    scope="account",
    flow=Flow.PER_TARGET,
    sources=(Source.AUTOMATIC, Source.IMPORTED, Source.ATTESTED),
    fix=Fix(
        "Decide about each source, write down refusals, and enable the rest centrally.",
        "SEC04-BP01 Configure service and application logging",
    ),
    source_url="https://docs.aws.amazon.com/wellarchitected/latest/security-pillar/sec_detect_investigate_events_app_service_logging.html",
)
