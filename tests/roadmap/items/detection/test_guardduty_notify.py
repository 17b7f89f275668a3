"""GuardDuty's findings reach somebody from every Region in which it is on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from collectors.outcomes import Outcome
from collectors.services import account, events, guardduty, securityhub
from collectors.services.events import Bus
from collectors.services.guardduty import Detector
from collectors.services.securityhub import Aggregator
from roadmap.items.detection.guardduty_notify import item, judge
from roadmap.subject import Attested, Excepted, Subject
from roadmap.verdicts import Reason, Source, Status
from tests.roadmap.items.detection.routes import (
    IMPORTED,
    IMPORTED_LOWEST,
    LOWEST,
    SEVERE,
    TOPIC,
    bus,
    rule,
    rules,
)
from tests.roadmap.items.subjects import ACCOUNT, LOGS, SECURITY, attested, row
from tests.roadmap.items.visibility.central import HOME, OTHER, central_subject, everywhere

ON = Detector("d1", "ENABLED", SECURITY, "Enabled")
ALONE = Detector("d1", "ENABLED")
BOTH = rule("oncall", SEVERE, LOWEST)
ALL = rule("all", SEVERE, LOWEST, on="central")
OPEN = Bus("central", organizations=("o-a1b2c3d4e5",))
HUB = rule("imported", IMPORTED, IMPORTED_LOWEST)

Facts = dict[tuple[Any, ...], Any]


def seen(
    central: Any = None,
    *,
    own: Any = None,
    detector: Any = ON,
    more: Facts | None = None,
    about: str = ACCOUNT,
    **rest: Any,
) -> Subject:
    values = {
        **everywhere(about, guardduty.detector, detector),
        **everywhere(about, events.rules, rules() if own is None else own),
        **everywhere(SECURITY, events.security_rules, rules() if central is None else central),
        **everywhere(LOGS, events.security_rules, rules()),
        **everywhere(SECURITY, securityhub.aggregators, ()),
        **everywhere(LOGS, securityhub.aggregators, ()),
    }
    return central_subject(values | (more or {}), account=row(about), **rest)


def aggregating(
    region: str = HOME, mode: str = "ALL_REGIONS", regions: tuple[str, ...] = ()
) -> Facts:
    found = (Aggregator("arn:aggregator", region, mode, regions),)
    return everywhere(SECURITY, securityhub.aggregators, found)


def in_home(central: Any) -> Facts:
    return {(SECURITY, events.security_rules, HOME): central}


UNHEARD = {"guardduty_unheard"}
LOW = {"guardduty_low_filtered"}
CASES: dict[str, tuple[Subject, Status, str, set[str]]] = {
    "a rule in the security account": (
        seen(rules(BOTH)),
        Status.PASS,
        "rule in the security account",
        set(),
    ),
    "a rule for this account only": (
        seen(rules(rule("r", matches_of={ACCOUNT: (SEVERE, LOWEST)}))),
        Status.PASS,
        "rule in the security account",
        set(),
    ),
    "a rule for all accounts but this": (
        seen(rules(rule("r", SEVERE, LOWEST, matches_of={ACCOUNT: ()}))),
        Status.FAIL,
        "nothing matches",
        UNHEARD,
    ),
    "a rule without target": (
        seen(rules(replace(BOTH, targets=()))),
        Status.FAIL,
        "nothing matches",
        UNHEARD,
    ),
    "a rule on another bus": (
        seen(rules(replace(BOTH, bus="central"))),
        Status.FAIL,
        "nothing matches",
        UNHEARD,
    ),
    "a rule where GuardDuty is not administered": (
        seen(rules(BOTH), detector=ALONE),
        Status.FAIL,
        "nothing matches",
        UNHEARD,
    ),
    "a rule where monitoring is suspended": (
        seen(rules(BOTH), detector=replace(ON, relationship="Disabled")),
        Status.FAIL,
        "nothing matches",
        UNHEARD,
    ),
    "a rule of another security account": (
        seen(rules(BOTH), detector=replace(ON, administrator=LOGS)),
        Status.FAIL,
        "nothing matches",
        UNHEARD,
    ),
    "the security account's own": (
        seen(rules(BOTH), about=SECURITY, detector=ALONE),
        Status.PASS,
        "rule in the security account",
        set(),
    ),
    "passed on to a bus where a rule takes it up": (
        seen(
            rules(
                replace(BOTH, targets=(bus(region=HOME),)),
                rule("all", SEVERE, LOWEST, on="central"),
                buses=(Bus("central", accounts=("*",)),),
            )
        ),
        Status.PASS,
        "rule in the security account",
        set(),
    ),
    "passed on to a bus where nothing does": (
        seen(
            rules(replace(BOTH, targets=(bus(),)), buses=(Bus("central", accounts=("*",)),)),
        ),
        Status.FAIL,
        "nothing matches",
        UNHEARD,
    ),
    "aggregated to a Region with a rule": (
        seen(rules(), more={**aggregating(), **in_home(rules(HUB))}),
        Status.PASS,
        "findings aggregated to a Region with a rule",
        set(),
    ),
    "aggregated to a Region without one": (
        seen(rules(), more={**aggregating(OTHER), **in_home(rules(HUB))}),
        Status.FAIL,
        "nothing matches",
        UNHEARD,
    ),
    "aggregated to a Region with a rule for severe ones": (
        seen(rules(), more={**aggregating(), **in_home(rules(rule("severe", IMPORTED)))}),
        Status.PARTIAL,
        "severe findings only",
        LOW,
    ),
    "a rule for severe ones and a rule for the rest": (
        seen(rules(rule("severe", SEVERE), rule("rest", LOWEST))),
        Status.PASS,
        "rule in the security account",
        set(),
    ),
    "a rule for all but severe ones": (
        seen(rules(rule("rest", LOWEST))),
        Status.FAIL,
        "nothing matches",
        UNHEARD,
    ),
    "passed on to the security account by a rule of the account": (
        seen(
            own=rules(replace(BOTH, targets=(bus(),))),
            more=everywhere(SECURITY, events.security_rules, rules(ALL, buses=(OPEN,))),
        ),
        Status.PASS,
        "passed on to the security account",
        set(),
    ),
    "passed on to a bus of the account itself": (
        seen(
            own=rules(
                replace(BOTH, targets=(bus(account=ACCOUNT),)),
                ALL,
                buses=(Bus("central"),),
            ),
        ),
        Status.PARTIAL,
        "local rule only",
        set(),
    ),
    "sent to a topic of the security account by a rule of the account": (
        seen(own=rules(replace(BOTH, targets=(TOPIC,)))),
        Status.PARTIAL,
        "local rule only",
        set(),
    ),
    "passed on to a security account that lets nobody in": (
        seen(
            own=rules(replace(BOTH, targets=(bus(),))),
            more=everywhere(SECURITY, events.security_rules, rules(ALL, buses=(Bus("central"),))),
        ),
        Status.FAIL,
        "nothing matches",
        UNHEARD,
    ),
    "severe findings only": (
        seen(rules(rule("severe", SEVERE))),
        Status.PARTIAL,
        "severe findings only",
        LOW,
    ),
    "a local rule only": (
        seen(own=rules(BOTH)),
        Status.PARTIAL,
        "local rule only",
        set(),
    ),
    "a local rule for severe findings only": (
        seen(own=rules(rule("severe", SEVERE))),
        Status.PARTIAL,
        "local rule only",
        LOW,
    ),
    "nothing": (seen(), Status.FAIL, "nothing matches", UNHEARD),
}


@pytest.mark.parametrize(("about", "status", "rule", "codes"), CASES.values(), ids=CASES)
def test_rules_and_targets_decide(
    about: Subject, status: Status, rule: str, codes: set[str]
) -> None:
    verdict = judge(about)
    assert verdict.status == status, verdict
    assert {part.rule for part in verdict.regions.values()} == {rule}
    assert {problem.code for problem in verdict.problems} == codes


def test_every_declared_finding_occurs() -> None:
    assert set(item.findings) == set().union(*(codes for *_, codes in CASES.values()))


def test_the_sentence_names_the_rule_its_account_and_where_it_sends() -> None:
    sentence = judge(seen(rules(BOTH))).sentence
    assert "rule oncall of 333333333333 (Audit) (to: function)" in sentence
    assert "all 2 Regions" in sentence


def test_each_region_needs_its_rule() -> None:
    verdict = judge(seen(rules(), more=in_home(rules(BOTH))))
    assert verdict.status == Status.PARTIAL
    assert verdict.regions[HOME].status == Status.PASS
    assert verdict.regions[OTHER].status == Status.FAIL
    assert [(p.region, p.resource) for p in verdict.problems] == [
        (OTHER, f"arn:aws:guardduty:{OTHER}:{ACCOUNT}:detector/d1")
    ]


def test_an_aggregator_counts_for_the_regions_it_links() -> None:
    linked = aggregating(HOME, "SPECIFIED_REGIONS", ("ap-south-1",))
    verdict = judge(seen(rules(), more={**linked, **in_home(rules(HUB))}))
    assert verdict.regions[HOME].status == Status.PASS
    assert verdict.regions[OTHER].status == Status.FAIL


def test_where_guardduty_is_off_there_is_nothing_to_hear() -> None:
    off = {(ACCOUNT, guardduty.detector, OTHER): Detector()}
    verdict = judge(seen(rules(BOTH), more=off))
    assert verdict.status == Status.PASS
    assert (verdict.regions[OTHER].status, verdict.regions[OTHER].reason) == (
        Status.NOT_APPLICABLE,
        Reason.NO_RESOURCES,
    )


@pytest.mark.parametrize("status", ["", "DISABLED", "TOMORROW"])
def test_off_in_every_region_is_a_fail(status: str) -> None:
    verdict = judge(seen(rules(BOTH), detector=replace(ON, status=status)))
    assert (verdict.status, verdict.rule) == (Status.FAIL, "GuardDuty off everywhere")
    assert [problem.code for problem in verdict.problems] == ["guardduty_unheard"]


def test_off_in_one_and_unseen_in_the_other_is_unknown() -> None:
    off = {(ACCOUNT, guardduty.detector, OTHER): Detector()}
    verdict = judge(seen(detector=Outcome.ACCESS_DENIED, more=off))
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.ACCESS_DENIED)


def test_a_service_aws_does_not_offer_is_not_off() -> None:
    verdict = judge(seen(detector=Outcome.SERVICE_UNAVAILABLE))
    assert (verdict.status, verdict.reason) == (Status.NOT_APPLICABLE, Reason.SERVICE_UNAVAILABLE)


def answer(claim: str = "done", days_left: int = 30) -> list[Attested]:
    return [
        attested(item.key, claim, "organization", days_left=days_left, system="Northlight SIEM")
    ]


def test_a_system_that_fetches_the_findings_is_a_way_too() -> None:
    verdict = judge(seen(attestations=answer()))
    assert verdict.status == Status.PASS
    assert verdict.regions[HOME].rule == "findings pulled, attested"
    assert verdict.regions[HOME].source == Source.ATTESTED
    assert "Northlight SIEM" in verdict.sentence


@pytest.mark.parametrize(("claim", "days_left"), [("done", -1), ("partly", 30), ("not_done", 30)])
def test_any_other_answer_changes_nothing(claim: str, days_left: int) -> None:
    verdict = judge(seen(attestations=answer(claim, days_left)))
    assert verdict.status == Status.FAIL


def test_a_detector_under_an_exception_leaves_the_count() -> None:
    arn = f"arn:aws:guardduty:{OTHER}:*"
    verdict = judge(
        seen(more=in_home(rules(BOTH)), exceptions=[Excepted(item.key, arn)]),
    )
    assert verdict.status == Status.PASS
    assert verdict.regions[OTHER].reason == Reason.EXCEPTION
    assert verdict.problems == []


UNSEEN = everywhere(SECURITY, events.security_rules, Outcome.ACCESS_DENIED)
MISSING = {
    "the rules of the security account": UNSEEN,
    "the aggregators": everywhere(SECURITY, securityhub.aggregators, Outcome.ACCESS_DENIED),
    "the account's own rules": everywhere(ACCOUNT, events.rules, Outcome.ACCESS_DENIED),
    "the rules where findings are aggregated": {**UNSEEN, **aggregating()},
}


@pytest.mark.parametrize("more", MISSING.values(), ids=MISSING)
def test_what_nobody_saw_is_unknown(more: Facts) -> None:
    verdict = judge(seen(more=more))
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.ACCESS_DENIED)


def test_rules_of_an_administrator_that_is_no_security_account_were_not_seen() -> None:
    verdict = judge(seen(rules(BOTH), detector=replace(ON, administrator="999999999999")))
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.NEVER_COLLECTED)


def test_one_rule_that_hears_is_enough_whatever_becomes_of_others() -> None:
    unseen = replace(BOTH, name="a", targets=(bus(account="999999999999"),))
    assert judge(seen(rules(unseen))).status == Status.UNKNOWN
    assert judge(seen(rules(unseen, BOTH))).status == Status.PASS


def test_one_way_that_is_seen_is_enough() -> None:
    unseen = everywhere(SECURITY, securityhub.aggregators, Outcome.ACCESS_DENIED)
    assert judge(seen(rules(BOTH), more=unseen)).status == Status.PASS
    assert judge(seen(more=UNSEEN, attestations=answer())).status == Status.PASS


def test_a_severity_that_was_never_tested_is_unknown() -> None:
    verdict = judge(seen(rules(BOTH), settings={"GUARDDUTY_MIN_SEVERITY": 2}))
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.NEVER_COLLECTED)


def test_an_opt_in_region_the_security_account_lacks_hears_nothing() -> None:
    more = {
        (SECURITY, account.regions): account.Regions((HOME,)),
        (SECURITY, events.security_rules, OTHER): Outcome.NEVER_COLLECTED,
        (SECURITY, securityhub.aggregators, OTHER): Outcome.NEVER_COLLECTED,
    }
    verdict = judge(seen(more={**more, **in_home(rules(BOTH))}))
    assert verdict.regions[OTHER].status == Status.FAIL


def test_nothing_collected_is_unknown() -> None:
    verdict = judge(central_subject({}))
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.NEVER_COLLECTED)
