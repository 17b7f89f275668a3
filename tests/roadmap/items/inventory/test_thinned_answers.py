"""No rule of stage 1 passes because an answer leaves something out: each case is AWS's answers for
an account that does not pass, with any fields missing or any word one that nobody knows yet."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings

from collectors.registry import Collector
from collectors.services import account, budgets, ce, cloudwatch, organizations
from collectors.services.organizations.effective import EFFECTIVE
from roadmap.items.inventory import ai_optout, contacts, cost_alarms, organization
from roadmap.verdicts import Status
from tests.collectors.services.canned import Answers, Refusal, by, collect, thinned
from tests.roadmap.items.subjects import ACCOUNT, MANAGEMENT, NOW, ORGANIZATION, row, subject

AI = organizations.AISERVICES_OPT_OUT_POLICY
OTHER = "999999999999"

ORGANIZATION_ANSWERS: Answers = {
    "describe_organization": {
        "Organization": {
            "Id": ORGANIZATION,
            "FeatureSet": "CONSOLIDATED_BILLING",
            "MasterAccountId": MANAGEMENT,
        }
    },
    "list_roots": {"Roots": [{"Id": "r-1", "PolicyTypes": [{"Type": AI, "Status": "ENABLED"}]}]},
    "list_organizational_units_for_parent": {"OrganizationalUnits": []},
    "list_accounts_for_parent": {"Accounts": [{"Id": MANAGEMENT}, {"Id": ACCOUNT}]},
    "list_accounts": {
        "Accounts": [{"Id": MANAGEMENT, "State": "ACTIVE"}, {"Id": ACCOUNT, "State": "ACTIVE"}]
    },
}


def read(collector: Collector[Any], answers: Answers) -> Any:
    return collect(collector, answers, is_checked=False)


LISTING = read(organizations.listing, ORGANIZATION_ANSWERS)


@given(thinned(ORGANIZATION_ANSWERS))
@settings(deadline=None)
def test_an_organization_that_shares_bills_only_never_passes(answers: Answers) -> None:
    values = {
        (MANAGEMENT, organizations.listing): read(organizations.listing, answers),
        (MANAGEMENT, organizations.invitations): (),
    }

    assert organization.judge(subject(values)).status != Status.PASS


@given(
    thinned(
        {
            "get_alternate_contact": {"AlternateContact": {"EmailAddress": "me@gmail.com"}},
            "get_contact_information": {"ContactInformation": {"CompanyName": "Example"}},
        }
    )
)
@settings(deadline=None)
def test_foreign_contacts_never_pass(answers: Answers) -> None:
    owned = row(team="Payments", team_people=2, payer=MANAGEMENT, confirmed_at=NOW)
    values = {(ACCOUNT, account.contacts): read(account.contacts, answers)}
    company = {"COMPANY_EMAIL_DOMAINS": ["example.com"]}

    assert contacts.judge(subject(values, owned, settings=company)).status != Status.PASS


OPTED_IN = {
    "PolicyContent": json.dumps({"services": {"default": {"opt_out_policy": "optIn"}}}),
    "PolicyType": AI,
    "LastUpdatedTimestamp": NOW,
}


@given(thinned({"ai": {"EffectivePolicy": OPTED_IN}}))
@settings(deadline=None)
def test_an_account_that_opted_in_never_passes(answers: Answers) -> None:
    absent = Refusal("EffectivePolicyNotFoundException")
    kinds = {**dict.fromkeys(EFFECTIVE, absent), AI: answers["ai"]}
    effective = read(
        organizations.effective_policies,
        {
            "describe_effective_policy": by("PolicyType", kinds),
            "list_effective_policy_validation_errors": {},
        },
    )
    found = effective.by_type[AI]
    values = {
        (MANAGEMENT, organizations.listing): LISTING,
        (ACCOUNT, organizations.effective_policies): effective,
    }

    # What was not seen raises Missing, which is unknown.
    if found.outcome == "collected":
        assert ai_optout.judge(subject(values)).status != Status.PASS


@given(
    thinned(
        {
            "describe_budgets": {
                "Budgets": [
                    {
                        "BudgetName": "other",
                        "BudgetType": "COST",
                        "CostFilters": {"LinkedAccount": [OTHER]},
                    }
                ]
            },
            "describe_budget_notifications_for_account": {
                "BudgetNotificationsForAccount": [
                    {"BudgetName": "other", "Notifications": [{"Threshold": 80.0}]}
                ]
            },
            "describe_subscribers_for_notification": {"Subscribers": [{"SubscriptionType": "SNS"}]},
            "describe_budget_actions_for_account": {"Actions": []},
            "get_anomaly_monitors": {
                "AnomalyMonitors": [
                    {
                        "MonitorArn": "arn:m",
                        "MonitorType": "CUSTOM",
                        "MonitorSpecification": {
                            "Dimensions": {"Key": "LINKED_ACCOUNT", "Values": [OTHER]}
                        },
                    }
                ]
            },
            "get_anomaly_subscriptions": {
                "AnomalySubscriptions": [
                    {
                        "SubscriptionArn": "arn:s",
                        "MonitorArnList": ["arn:m"],
                        "Subscribers": [{"Type": "EMAIL", "Status": "CONFIRMED"}],
                    }
                ]
            },
            "describe_alarms_for_metric": {
                "MetricAlarms": [
                    {"AlarmName": "a", "ActionsEnabled": False, "AlarmActions": ["arn:aws:sns:::t"]}
                ]
            },
        }
    )
)
@settings(deadline=None)
def test_alarms_about_others_and_alarms_switched_off_never_cover(answers: Answers) -> None:
    values = {
        (MANAGEMENT, budgets.organization_budgets): read(budgets.organization_budgets, answers),
        (MANAGEMENT, ce.anomalies): read(ce.anomalies, answers),
        (ACCOUNT, budgets.budgets): (),
        (ACCOUNT, cloudwatch.billing_alarms): read(cloudwatch.billing_alarms, answers),
        (ACCOUNT, cloudwatch.linked_account_alarms): (),
    }

    assert cost_alarms.judge(subject(values)).status != Status.PASS
