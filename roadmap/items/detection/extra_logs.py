"""For each log source beyond the trail it is decided: on, or declined with a reason."""

from __future__ import annotations

from roadmap.registry import Fix, Flow, Item
from roadmap.subject import Subject
from roadmap.verdicts import NOT_JUDGED, Reason, Source, Verdict, verdict_of

LOGS = {
    "detection.log_dns": "DNS queries",
    "detection.log_flow": "network flows",
    "detection.log_data_events": "data events",
    "detection.log_s3_access": "bucket access",
    "detection.log_load_balancer": "load balancers",
    "detection.log_cloudfront": "CloudFront",
}


def judge(subject: Subject) -> Verdict:
    parts = {key: subject.verdicts.get(key, NOT_JUDGED) for key in LOGS}
    said = ", ".join(f"{name} {_word(parts[key])}" for key, name in LOGS.items())
    return verdict_of(
        parts,
        f"{said[0].upper()}{said[1:]}.",
        "combined over the log sources",
        facts={key: str(part.status) for key, part in parts.items()},
    )


def _word(part: Verdict) -> str:
    if part.reason in (Reason.DECLINED, Reason.NO_RESOURCES):
        return {Reason.DECLINED: "declined", Reason.NO_RESOURCES: "nothing there"}[part.reason]
    return part.status.label.lower()


item = Item(
    __name__,
    order="4.5",
    title="Additional log sources decided",
    guidance=(
        "DNS queries, network flows, data events and access logs cost money and answer questions "
        "the trail cannot. None of them is compulsory. What counts is that somebody decided about "
        "each: switched on, or declined with a reason that holds for a year."
    ),
    scope="account",
    flow=Flow.PER_TARGET,
    sources=(Source.AUTOMATIC, Source.IMPORTED, Source.ATTESTED),
    judge=judge,
    fix=Fix(
        "Decide about each source, write down refusals, and enable the rest centrally.",
        "SEC04-BP01 Configure service and application logging",
    ),
    source_url="https://docs.aws.amazon.com/wellarchitected/latest/security-pillar/sec_detect_investigate_events_app_service_logging.html",
)
