"""Somebody hears of it when the account's cost runs away."""

from typing import Any

import pytest

from collectors.outcomes import Outcome
from collectors.services import budgets, ce, cloudwatch
from collectors.services.budgets import Action, Budget, Notification
from collectors.services.ce import Anomalies, Monitor, Subscription
from collectors.services.cloudwatch import Alarm
from roadmap.items.inventory import cost_alarms
from roadmap.verdicts import Reason, Status, Verdict
from tests.roadmap.items.subjects import ACCOUNT, MANAGEMENT, reported, row, standalone, subject

HEARD = (Notification("ACTUAL", 80, "PERCENTAGE", {"EMAIL": 2}),)
SUBSCRIBED = (Subscription("arn:s", "Daily", monitor_arns=("arn:m",), subscribers={"EMAIL": 1}),)
NOTHING: dict[tuple[Any, ...], Any] = {
    (ACCOUNT, cloudwatch.billing_alarms): (),
    (ACCOUNT, budgets.budgets): (),
    (MANAGEMENT, budgets.organization_budgets): (),
    (MANAGEMENT, ce.anomalies): Anomalies(),
    (ACCOUNT, cloudwatch.linked_account_alarms): (),
}


def own(*found: Budget) -> dict[tuple[Any, ...], Any]:
    return {(ACCOUNT, budgets.budgets): found}


def central(*found: Budget) -> dict[tuple[Any, ...], Any]:
    return {(MANAGEMENT, budgets.organization_budgets): found}


def monitor(kind: str, dimension: str = "", accounts: tuple[str, ...] | None = None) -> Any:
    found = Monitor("arn:m", "Spikes", kind, dimension, accounts)
    return {(MANAGEMENT, ce.anomalies): Anomalies([found], SUBSCRIBED)}


def alarm(collector: Any, *, enabled: bool = True, actions: int = 1) -> dict[tuple[Any, ...], Any]:
    found = Alarm("charges", "arn:a", 500.0, actions_enabled=enabled, action_count=actions)
    return {(ACCOUNT, collector): (found,)}


def judge(found: dict[tuple[Any, ...], Any], mode: str = "any") -> Verdict:
    return cost_alarms.judge(subject(NOTHING | found, settings={"COST_ALARM_MODE": mode}))


COVERED = [
    pytest.param(own(Budget("b", "COST", notifications=HEARD)), "budget", id="own budget"),
    pytest.param(own(Budget("b", "USAGE", notifications=HEARD)), "budget", id="own usage budget"),
    pytest.param(
        central(
            Budget("b", "COST", linked_accounts=(ACCOUNT,), is_filtered=True, notifications=HEARD)
        ),
        "budget",
        id="central budget about it",
    ),
    pytest.param(
        central(
            Budget(
                "b",
                "COST",
                linked_accounts=(ACCOUNT,),
                is_filtered=True,
                actions=(Action("APPLY_SCP_POLICY", "AUTOMATIC"),),
            )
        ),
        "budget",
        id="central budget with an action",
    ),
    pytest.param(monitor("DIMENSIONAL", "LINKED_ACCOUNT"), "anomaly", id="monitor by account"),
    pytest.param(monitor("DIMENSIONAL", "SERVICE"), "anomaly", id="monitor by service"),
    pytest.param(monitor("CUSTOM", accounts=(ACCOUNT,)), "anomaly", id="custom monitor about it"),
    pytest.param(alarm(cloudwatch.billing_alarms), "alarm", id="own billing alarm"),
    pytest.param(alarm(cloudwatch.linked_account_alarms), "alarm", id="central billing alarm"),
]


@pytest.mark.parametrize(("found", "kind"), COVERED)
def test_an_alarm_that_reaches_someone_covers(found: Any, kind: str) -> None:
    verdict = judge(found)

    assert verdict.status == Status.PASS
    assert [alarm["kind"] for alarm in verdict.facts["alarms"]] == [kind]
    assert not verdict.problems


@pytest.mark.parametrize(("found", "kind"), COVERED)
@pytest.mark.parametrize("mode", ["budget", "anomaly"])
def test_only_the_kind_that_is_asked_for_passes(found: Any, kind: str, mode: str) -> None:
    verdict = judge(found, mode)

    assert verdict.status == (Status.PASS if kind == mode else Status.PARTIAL)
    assert reported(verdict) == ([] if kind == mode else ["no_cost_alarm"])


@pytest.mark.parametrize(
    "found",
    [
        pytest.param(own(Budget("b", "COST")), id="own budget"),
        pytest.param(
            own(Budget("b", "COST", notifications=(Notification(),))), id="nobody is notified"
        ),
        pytest.param(alarm(cloudwatch.billing_alarms, actions=0), id="alarm without action"),
        pytest.param(
            {
                (MANAGEMENT, ce.anomalies): Anomalies(
                    [Monitor("arn:m", "Spikes", "DIMENSIONAL", "SERVICE")],
                    [Subscription("arn:s", monitor_arns=("arn:other",), subscribers={"SNS": 1})],
                )
            },
            id="monitor without subscription",
        ),
    ],
)
def test_an_alarm_without_subscriber_is_partial(found: Any) -> None:
    verdict = judge(found)

    assert verdict.status == Status.PARTIAL
    assert reported(verdict) == ["cost_alarm_no_subscriber"]


SILENT: dict[str, tuple[Any, str, bool]] = {
    "own budget": (
        own(Budget("b", "COST")), f"arn:aws:budgets::{ACCOUNT}:budget/b", False,
    ),
    "central budget": (
        central(Budget("b", "COST", linked_accounts=(ACCOUNT,))),
        f"arn:aws:budgets::{MANAGEMENT}:budget/b",
        True,
    ),
    "own alarm": (alarm(cloudwatch.billing_alarms, actions=0), "arn:a", False),
    "central alarm": (alarm(cloudwatch.linked_account_alarms, actions=0), "arn:a", True),
    "monitor": (
        {
            (MANAGEMENT, ce.anomalies): Anomalies(
                [Monitor("arn:m", "Spikes", "DIMENSIONAL", "SERVICE")]
            )
        },
        "arn:m",
        True,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("found", "arn", "is_central"), SILENT.values(), ids=SILENT)
def test_who_lacks_a_subscriber_is_named_once_by_its_arn(
    found: Any, arn: str, is_central: bool
) -> None:
    (problem,) = judge(found).problems

    assert (problem.resource, problem.organization) == (arn, is_central)


def test_the_thresholds_of_those_who_hear_are_kept() -> None:
    subscriptions = (
        Subscription("s1", threshold="100 USD", monitor_arns=("arn:m",), subscribers={"SNS": 1}),
        Subscription("s2", threshold="5 USD", monitor_arns=("arn:m",)),
    )
    found = Anomalies([Monitor("arn:m", "Spikes", "DIMENSIONAL", "SERVICE")], subscriptions)

    (kept,) = judge({(MANAGEMENT, ce.anomalies): found}).facts["alarms"]

    assert (kept["threshold"], kept["subscribers"]) == ("100 USD", 1)


@pytest.mark.parametrize("outcome", [Outcome.SERVICE_UNAVAILABLE, Outcome.ACCESS_DENIED])
def test_a_govcloud_account_is_billed_in_another_partition(outcome: Outcome) -> None:
    values = {**NOTHING, (ACCOUNT, budgets.budgets): outcome}
    verdict = cost_alarms.judge(subject(values, row(partition="aws-us-gov")))

    assert (verdict.status, verdict.reason) == (
        Status.NOT_APPLICABLE,
        Reason.SERVICE_UNAVAILABLE,
    )


def test_a_budget_of_the_whole_organization_alone_is_partial() -> None:
    verdict = judge(central(Budget("total", "COST", notifications=HEARD)))

    assert verdict.status == Status.PARTIAL
    assert reported(verdict) == ["no_cost_alarm"]


@pytest.mark.parametrize(
    "found",
    [
        pytest.param({}, id="nothing"),
        pytest.param(own(Budget("b", "RI_COVERAGE", notifications=HEARD)), id="budget of coverage"),
        pytest.param(
            own(Budget("b", "COST", is_healthy=False, notifications=HEARD)), id="unhealthy budget"
        ),
        pytest.param(
            central(
                Budget("b", "COST", linked_accounts=("9",), is_filtered=True, notifications=HEARD)
            ),
            id="budget about another account",
        ),
        pytest.param(
            central(Budget("b", "COST", is_filtered=True, notifications=HEARD)),
            id="budget about a service",
        ),
        pytest.param(monitor("CUSTOM", accounts=("999999999999",)), id="monitor about another"),
        pytest.param(monitor("CUSTOM"), id="monitor about a tag"),
        pytest.param(monitor("DIMENSIONAL", "COST_CATEGORY"), id="monitor by cost category"),
        pytest.param(monitor("NEURAL", "SERVICE"), id="monitor of tomorrow"),
        pytest.param(alarm(cloudwatch.billing_alarms, enabled=False), id="alarm with actions off"),
    ],
)
def test_no_covering_alarm_fails(found: Any) -> None:
    verdict = judge(found)

    assert verdict.status == Status.FAIL
    assert reported(verdict) == ["no_cost_alarm"]


@pytest.mark.parametrize("source", NOTHING)
def test_a_source_that_could_not_be_read_may_hold_the_alarm(source: tuple[Any, ...]) -> None:
    verdict = judge({source: Outcome.ACCESS_DENIED})

    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.ACCESS_DENIED)


def test_an_alarm_that_was_seen_covers_although_a_source_was_denied() -> None:
    denied = {(MANAGEMENT, ce.anomalies): Outcome.ACCESS_DENIED}

    verdict = judge(own(Budget("b", "COST", notifications=HEARD)) | denied)

    assert verdict.status == Status.PASS
    assert verdict.incomplete


def test_a_service_that_the_partition_lacks_is_no_source() -> None:
    assert judge({(MANAGEMENT, ce.anomalies): Outcome.SERVICE_UNAVAILABLE}).status == Status.FAIL


def test_any_budget_of_the_management_account_is_about_it() -> None:
    values = {
        (MANAGEMENT, cloudwatch.billing_alarms): (),
        (MANAGEMENT, budgets.organization_budgets): (Budget("t", "COST", notifications=HEARD),),
        (MANAGEMENT, ce.anomalies): Anomalies(),
        (MANAGEMENT, cloudwatch.linked_account_alarms): (),
    }

    assert cost_alarms.judge(subject(values, row(MANAGEMENT))).status == Status.PASS


def test_a_standalone_account_is_judged_by_its_own_alarms() -> None:
    values = {
        (ACCOUNT, cloudwatch.billing_alarms): (),
        (ACCOUNT, budgets.budgets): (Budget("b", "COST", notifications=HEARD),),
    }

    assert cost_alarms.judge(subject(values, standalone())).status == Status.PASS


def test_nothing_collected_is_unknown() -> None:
    verdict = cost_alarms.judge(subject())

    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.NEVER_COLLECTED)
