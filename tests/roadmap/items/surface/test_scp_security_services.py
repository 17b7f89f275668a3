"""Nobody in the account can switch off what watches it."""

from __future__ import annotations

from typing import Any

import pytest

from collectors.outcomes import Outcome
from collectors.services import (
    accessanalyzer,
    account,
    cloudtrail,
    config,
    guardduty,
    inspector2,
    macie2,
    organizations,
    securityhub,
)
from collectors.services.accessanalyzer import Analyzer
from collectors.services.cloudtrail import Trail
from collectors.services.config import Recorder
from collectors.services.guardduty import Administration
from roadmap.guardrails.watching import GROUPS
from roadmap.items.surface.scp_security_services import ADVISORY, judge
from roadmap.verdicts import Reason, Status
from tests.roadmap.items.subjects import ACCOUNT, MANAGEMENT, REGIONS, SECURITY, codes
from tests.roadmap.items.surface.guardrails import deny, guarded, in_regions

ACTIONS = {group.name: [one.action for one in group.probes] for group in GROUPS}
ADVISED = [one.action for one in ADVISORY.values()]
ALWAYS = ("GuardDuty", "Access Analyzer", "CloudTrail", "S3 Block Public Access")
HUB = securityhub.Hub("arn:aws:securityhub:eu-west-1:222222222222:hub/default")


def effective(**content: Any) -> Any:
    kinds = {kind: organizations.EffectivePolicy() for kind in organizations.EFFECTIVE}
    own = {kind: organizations.EffectivePolicy(value) for kind, value in content.items()}
    return {
        (ACCOUNT, organizations.effective_policies): organizations.EffectivePolicies(kinds | own)
    }


# Nothing runs but what always counts, and nothing else protects it.
BARE: dict[tuple[Any, ...], Any] = {
    (SECURITY, account.regions): account.Regions(REGIONS),
    **in_regions(guardduty.administration, Administration(), SECURITY),
    **in_regions(accessanalyzer.analyzers, ()),
    **in_regions(accessanalyzer.security_analyzers, (), SECURITY),
    **in_regions(cloudtrail.trails, ()),
    **in_regions(config.recorders, ()),
    **in_regions(securityhub.hub, securityhub.Hub()),
    **in_regions(securityhub.central, securityhub.Central(), SECURITY),
    **in_regions(macie2.session, macie2.Session()),
    **in_regions(inspector2.account_status, inspector2.AccountStatus("DISABLED")),
    **effective(),
}


def denying(*groups: str) -> Any:
    return deny(*(action for group in groups for action in ACTIONS[group]))


def judged(*statements: Any, facts: Any = None, **settings: Any) -> Any:
    return judge(guarded(*statements, facts={**BARE, **(facts or {})}, settings=settings))


def open_groups(verdict: Any) -> set[str]:
    return {name for name, group in verdict.facts["groups"].items() if not group["holds"]}


def test_every_group_that_always_counts_must_hold() -> None:
    verdict = judged(denying(*ALWAYS))
    assert (verdict.status, verdict.rule) == (Status.PASS, "every group holds")
    assert set(verdict.facts["groups"]) == set(ALWAYS)


@pytest.mark.parametrize("missing", ALWAYS)
def test_one_group_that_does_not_hold_is_partial(missing: str) -> None:
    verdict = judged(denying(*(group for group in ALWAYS if group != missing)))
    assert (verdict.status, verdict.rule) == (Status.PARTIAL, "some groups hold")
    assert open_groups(verdict) == {missing}


def test_no_group_is_a_fail() -> None:
    verdict = judged()
    assert (verdict.status, verdict.rule) == (Status.FAIL, "no group holds")
    assert codes(verdict) == {"guardrail_missing", *ADVISORY}


def test_it_says_for_every_group_what_is_allowed_and_once_for_whom() -> None:
    every = {key: seen for facts in RUNNING.values() for key, seen in facts.items()}
    sentence = judged(facts=every).sentence
    for name, actions in ACTIONS.items():
        assert f"{name}: {actions[0]}" in sentence
    assert sentence.count("an Identity Center administrator") == 1
    assert sentence.endswith("in eu-west-1 and us-east-1.")


def test_a_group_with_one_request_allowed_does_not_hold() -> None:
    leaving = "guardduty:DisassociateFromAdministratorAccount"
    some = deny(*(action for action in ACTIONS["GuardDuty"] if action != leaving))
    assert "GuardDuty" in open_groups(judged(some))


RUNNING = {
    "Config": in_regions(config.recorders, (Recorder("default"),)),
    "Security Hub": in_regions(securityhub.hub, HUB),
    "Macie": in_regions(macie2.session, macie2.Session("PAUSED")),
    "Inspector": in_regions(inspector2.account_status, inspector2.AccountStatus("TOMORROW")),
}


@pytest.mark.parametrize("group", RUNNING)
def test_what_runs_must_be_protected(group: str) -> None:
    assert open_groups(judged(denying(*ALWAYS), facts=RUNNING[group])) == {group}
    assert judged(denying(*ALWAYS, group), facts=RUNNING[group]).status == Status.PASS


SERVED = Trail(
    arn=f"arn:aws:cloudtrail:us-east-1:{MANAGEMENT}:trail/all",
    is_organization_trail=True,
    is_logging=True,
)
OWN = Trail(arn=f"arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/own")
KEPT: dict[str, Any] = {
    "GuardDuty": in_regions(guardduty.administration, Administration("d", True, "ALL"), SECURITY),
    "Access Analyzer": in_regions(
        accessanalyzer.security_analyzers,
        (Analyzer("arn:a", type="ORGANIZATION", status="ACTIVE"),),
        SECURITY,
    ),
    "CloudTrail": in_regions(cloudtrail.trails, (SERVED,)),
    "S3 Block Public Access": effective(
        S3_POLICY={"s3_attributes": {"public_access_block_configuration": "all"}}
    ),
    "Config": in_regions(
        config.recorders, (Recorder("hub", service_principal="securityhub.amazonaws.com"),)
    ),
    "Security Hub": {
        **RUNNING["Security Hub"],
        **effective(SECURITYHUB_POLICY={"securityhub": {}}),
    },
    "Security Hub of the home Region": {
        **RUNNING["Security Hub"],
        **in_regions(securityhub.central, securityhub.Central("CENTRAL"), SECURITY),
        (SECURITY, securityhub.central, "eu-west-1"): securityhub.Central(
            "CENTRAL", managed=(ACCOUNT,)
        ),
    },
    "Inspector": {**RUNNING["Inspector"], **effective(INSPECTOR_POLICY={"inspector": {}})},
}


@pytest.mark.parametrize("group", KEPT)
def test_what_something_else_protects_needs_no_policy(group: str) -> None:
    others = [name for name in ALWAYS if name != group]
    verdict = judged(denying(*others), facts=KEPT[group])
    assert verdict.status == Status.PASS
    assert verdict.facts["groups"][group.partition(" of ")[0]]["kept"] == list(REGIONS)


NOT_KEPT: dict[str, Any] = {
    "GuardDuty": in_regions(guardduty.administration, Administration("d", True, "NEW"), SECURITY),
    "Access Analyzer": {
        **KEPT["Access Analyzer"],
        **in_regions(accessanalyzer.analyzers, (Analyzer("arn:b", type="ACCOUNT"),)),
    },
    "CloudTrail": in_regions(cloudtrail.trails, (SERVED, OWN)),
    "S3 Block Public Access": effective(
        S3_POLICY={"s3_attributes": {"public_access_block_configuration": "tomorrow"}}
    ),
}


SELF_MANAGED = {
    **RUNNING["Security Hub"],
    **in_regions(securityhub.central, securityhub.Central("CENTRAL", managed=("9",)), SECURITY),
}
LOCAL = {
    **RUNNING["Security Hub"],
    **in_regions(securityhub.central, securityhub.Central("LOCAL", managed=(ACCOUNT,)), SECURITY),
}


@pytest.mark.parametrize("facts", [SELF_MANAGED, LOCAL], ids=["self-managed", "local"])
def test_a_hub_that_the_account_sets_itself_must_be_protected(facts: Any) -> None:
    assert open_groups(judged(denying(*ALWAYS), facts=facts)) == {"Security Hub"}


def test_central_configuration_counts_where_effective_policies_were_not_seen() -> None:
    unseen = {(ACCOUNT, organizations.effective_policies): Outcome.ACCESS_DENIED}
    facts = {**KEPT["Security Hub of the home Region"], **unseen}
    assert judged(denying(*ALWAYS), facts=facts).status == Status.PASS
    assert judged(denying(*ALWAYS), facts={**SELF_MANAGED, **unseen}).status == Status.UNKNOWN


@pytest.mark.parametrize(
    "collector", [macie2.session, inspector2.account_status], ids=["Macie", "Inspector"]
)
def test_what_aws_does_not_offer_need_not_be_protected(collector: Any) -> None:
    facts = in_regions(collector, Outcome.SERVICE_UNAVAILABLE)
    assert judged(denying(*ALWAYS), facts=facts).status == Status.PASS


def test_trails_that_nobody_saw_may_have_other_names() -> None:
    facts = in_regions(cloudtrail.trails, Outcome.ACCESS_DENIED)
    assert judged(denying(*ALWAYS), facts=facts).reason == Reason.ACCESS_DENIED
    others = denying(*(name for name in ALWAYS if name != "S3 Block Public Access"))
    assert "CloudTrail: its trails were not seen" in judged(others, facts=facts).sentence


@pytest.mark.parametrize("group", NOT_KEPT)
def test_half_a_protection_is_none(group: str) -> None:
    others = [name for name in ALWAYS if name != group]
    assert open_groups(judged(denying(*others), facts=NOT_KEPT[group])) == {group}


def test_trails_of_its_own_are_asked_about_by_name() -> None:
    facts = in_regions(cloudtrail.trails, (OWN,))
    others = denying(*(name for name in ALWAYS if name != "CloudTrail"))
    by_name = deny("cloudtrail:*", Resource="arn:aws:cloudtrail:*:*:trail/own")
    assert judged(others, by_name, facts=facts).status == Status.PASS
    assert judged(others, by_name).status == Status.PARTIAL


@pytest.mark.parametrize(
    "unseen",
    [
        in_regions(config.recorders, Outcome.ACCESS_DENIED),
        in_regions(macie2.session, Outcome.THROTTLED),
    ],
    ids=["recorders", "Macie"],
)
def test_what_may_run_unseen_is_unknown(unseen: Any) -> None:
    assert judged(denying(*ALWAYS), facts=unseen).status == Status.UNKNOWN


def test_an_unseen_protection_is_unknown() -> None:
    unseen = in_regions(guardduty.administration, Outcome.ACCESS_DENIED, SECURITY)
    assert judged(denying(*ALWAYS[1:]), facts=unseen).status == Status.UNKNOWN
    assert judged(denying(*ALWAYS), facts=unseen).status == Status.PASS


def test_the_company_adds_tools_of_its_own() -> None:
    tools = {"Scanner": ["lambda:DeleteFunction lambda:{r}:{a}:function:scanner"]}
    verdict = judged(denying(*ALWAYS), PROTECTED_SERVICE_ACTIONS=tools)
    assert open_groups(verdict) == {"Scanner"}
    named = deny("lambda:*", Resource="arn:aws:lambda:*:*:function:scanner")
    assert judged(denying(*ALWAYS), named, PROTECTED_SERVICE_ACTIONS=tools).status == Status.PASS


def test_what_else_ought_to_be_denied_is_a_finding() -> None:
    assert codes(judged(denying(*ALWAYS))) == set(ADVISORY)
    assert codes(judged(denying(*ALWAYS), deny(*ADVISED))) == set()
