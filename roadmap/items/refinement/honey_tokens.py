"""Planted credentials that nobody has reason to use raise an alarm when somebody does."""

from __future__ import annotations

from roadmap.registry import Attestable, FindingKind, Fix, Flow, Item, Level
from roadmap.verdicts import Severity, Source

item = Item(
    __name__,
    order="8.4",
    title="Honey tokens deployed",
    guidance=(
        "A key without any rights, left where an intruder would look, is the cheapest alarm there"
        " is: any use of it is one. The company registers where its tokens lie and tests the "
        "alert twice a year. Who may see this list is limited."
    ),
    scope="organization (default) or account",
    flow=Flow.INHERIT,
    sources=(Source.AUTOMATIC, Source.ATTESTED),
    findings={
        "honey_token_used": FindingKind("Honey token used", Severity.CRITICAL),
        "honey_token_privileged": FindingKind("Honey token holds permissions", Severity.HIGH),
        "honey_token_untested": FindingKind("Honey token alert not tested", Severity.LOW),
    },
    attests=(
        Attestable(
            Level.ORGANIZATION,
            (
                "Which key of which user is planted where, which rule alerts on it, and when was "
                "that tested?"
            ),
            days_setting="HONEY_TOKEN_TEST_DAYS",
            about="Access key id (never the secret)",
        ),
        Attestable(
            Level.ACCOUNT,
            (
                "Which key of which user is planted where, which rule alerts on it, and when was "
                "that tested?"
            ),
            days_setting="HONEY_TOKEN_TEST_DAYS",
            about="Access key id (never the secret)",
        ),
    ),
    fix=Fix(
        (
            "Create a key for a user without rights, leave it in likely places, and alert on any "
            "use."
        ),
        "Managing access keys for IAM users",
    ),
    source_url="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html",
)
