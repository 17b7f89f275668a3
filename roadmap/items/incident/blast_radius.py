"""An account holds one workload, and nobody administers production and security alike."""

from __future__ import annotations

from roadmap.registry import Attestable, FindingKind, Fix, Flow, Item, Level
from roadmap.verdicts import Severity, Source

item = Item(
    __name__,
    order="10.1",
    title="Blast radius limited",
    guidance=(
        "When an account falls, only what is in it should fall. An account holds one workload in "
        "one environment, and the people who administer production are not those who administer "
        "the security accounts. The owner says once a year what falls if this account falls."
    ),
    scope="account",
    flow=Flow.LOCAL,
    sources=(Source.AUTOMATIC, Source.ATTESTED),
    findings={
        "duty_overlap": FindingKind(
            "Same people administer production and security", Severity.HIGH
        ),
        "mixed_environments": FindingKind("Several environments in one account", Severity.MEDIUM),
        "prod_reaches_security": FindingKind(
            "Production role reaches a security account", Severity.HIGH
        ),
    },
    attests=(
        Attestable(
            Level.ACCOUNT,
            (
                "Does the account hold one workload and environment, or why not, and what falls "
                "if it falls?"
            ),
        ),
    ),
    fix=Fix(
        (
            "Split accounts with mixed workloads, and separate administrators of security and "
            "production."
        ),
        "Benefits of using multiple AWS accounts",
    ),
    source_url="https://docs.aws.amazon.com/whitepapers/latest/organizing-your-aws-environment/benefits-of-using-multiple-aws-accounts.html",
)
