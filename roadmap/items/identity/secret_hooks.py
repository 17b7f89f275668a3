"""Secrets are caught before they enter a repository.

Rests on what each team attests of its own repositories, and of their share that is covered. It is
contradicted by scans that show a secret in a resource of the account: whoever finds one there was
not stopped before. What a scan finds is reported once a team has answered; the results themselves
are there anyway.
"""

from __future__ import annotations

from typing import Any

from roadmap.readings.answers import expired, kept, not_attested
from roadmap.registry import (
    Attestable,
    Detail,
    DetailKind,
    FindingKind,
    Fix,
    Flow,
    ImportUse,
    Item,
    Level,
)
from roadmap.sentences import listed, number
from roadmap.subject import Attested, Subject
from roadmap.verdicts import Problem, Severity, Source, Verdict, failed, partly, passed

MISSING = (Problem("secret_hook_missing"),)


def judge(subject: Subject) -> Verdict:
    team = subject.account.team
    answer = subject.attested()
    if answer is None:
        who = f"of team {team}" if team else "of an account without a team"
        return not_attested(f"how secrets {who} are kept out of repositories", problems=MISSING)
    if not answer.holds(subject.now):
        return expired(answer, problems=MISSING)
    secrets = _secrets(subject)
    more: dict[str, Any] = {
        "facts": {"team": team, **kept(answer)},
        "problems": secrets,
        "source": Source.ATTESTED,
    }
    if answer.claim == "not_done":
        sentence = f"Team {team} looks for secrets in no repository."
        return failed(sentence, "not done", **{**more, "problems": [*MISSING, *secrets]})
    share = _share(answer)
    least = subject.settings["SECRET_HOOK_PASS_PCT"]
    if share is None:
        sentence = f"Team {team} looks for secrets, but has not said in how many repositories."
        return partly(sentence, "share not said", **more)
    covered = f"Team {team} looks for secrets in {share} % of its repositories"
    if answer.claim != "done":
        return partly(f"{covered}, and says that it is done in part.", "done in part", **more)
    if share >= least and secrets:
        tools = listed(
            scan.label for scan in subject.scans.found if scan.tool in subject.scans.kept
        )
        shown = number(len(secrets), "resource")
        sentence = f"{covered}, but {tools} shows a secret in {shown} of the account."
        return partly(sentence, "contradicted by a scan", **more)
    if share >= least:
        return passed(f"{covered}.", "repositories covered", **more)
    return partly(f"{covered}; {least} % are asked for.", "too few repositories covered", **more)


def _secrets(subject: Subject) -> list[Problem]:
    """Resources of the account in which a scan found a secret, once each."""
    found: dict[str, Problem] = {}
    for failure in subject.scans.failing(item.key):
        if subject.is_excepted(failure.resource or subject.account.root_arn):
            continue
        problem = Problem(
            "secret_in_resource", failure.resource, failure.name, failure.region, failure.detail
        )
        found.setdefault(failure.resource, problem)
        for scan in subject.scans.found:
            if scan.tool == failure.tool:
                subject.scans.keep(scan, item.key)
    return list(found.values())


def _share(answer: Attested) -> int | None:
    """In per cent; None where nobody said, or more than there are."""
    share = answer.details.get("share")
    return share if isinstance(share, int) and 0 <= share <= 100 else None


item = Item(
    __name__,
    order="5.5",
    title="Secret detection before commit",
    guidance=(
        "A key that was pushed once is in every clone, whatever is done afterwards. A hook on the"
        " developer's machine or push protection on the server stops it before. A team says how "
        "many of its repositories are covered."
    ),
    scope="team",
    flow=Flow.TEAM,
    sources=(Source.IMPORTED, Source.ATTESTED),
    judge=judge,
    findings={
        "secret_hook_missing": FindingKind("No secret detection", Severity.MEDIUM),
        "secret_in_resource": FindingKind("Secret in a resource", Severity.HIGH),
    },
    attests=(
        Attestable(
            Level.TEAM,
            (
                "Which tool looks for secrets, as a hook or on the server, and in what share of "
                "the repositories?"
            ),
            days_setting="SECRET_HOOK_REVIEW_DAYS",
            details=(
                Detail(
                    "share",
                    "Share of repositories covered, in per cent",
                    DetailKind.NUMBER,
                    required=True,
                ),
                Detail("tool", "Tool"),
                Detail(
                    "kind",
                    "Where it looks",
                    DetailKind.CHOICE,
                    ("hook", "push_protection", "both"),
                ),
                Detail("repositories", "Repositories counted", DetailKind.NUMBER),
            ),
        ),
    ),
    import_use=ImportUse.RULE,
    imports={
        "prowler": (
            "awslambda_function_no_secrets_in_variables",
            "awslambda_function_no_secrets_in_code",
            "ec2_instance_secrets_user_data",
            "ec2_launch_template_no_secrets",
            "ecs_task_definitions_no_environment_secrets",
            "codebuild_project_no_secrets_in_variables",
            "cloudformation_stack_outputs_find_secrets",
            "ssm_document_secrets",
        ),
        "scoutsuite": ("ec2-instance-with-user-data-secrets",),
    },
    fix=Fix(
        "Install a secret scanner as a hook and turn on push protection.",
        "SEC02-BP03 Store and use secrets securely",
    ),
    source_url="https://docs.aws.amazon.com/wellarchitected/latest/security-pillar/sec_identities_secrets.html",
)
