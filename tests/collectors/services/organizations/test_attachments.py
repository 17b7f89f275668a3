"""Policies of an organization: their documents, and what they are attached to directly."""

import json
from typing import Any

from hypothesis import given

from collectors.services.organizations import (
    AISERVICES_OPT_OUT_POLICY,
    RESOURCE_CONTROL_POLICY,
    SERVICE_CONTROL_POLICY,
    Policies,
    attached_rcps,
    attached_scps,
    policies,
)
from tests.collectors.services.canned import ACCOUNT, Refusal, by, collect, thinned

DENY = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}
TYPES = [
    {"Type": SERVICE_CONTROL_POLICY, "Status": "ENABLED"},
    {"Type": AISERVICES_OPT_OUT_POLICY, "Status": "PENDING_ENABLE"},
]
SUMMARY = {
    "Id": "p-1",
    "Name": "DenyAll",
    "Arn": "arn:aws:organizations::111111111111:policy/o-a1b2c3d4e5/service_control_policy/p-1",
    "Type": SERVICE_CONTROL_POLICY,
    "AwsManaged": False,
}
WORLD: dict[str, Any] = {
    "list_roots": {"Roots": [{"Id": "r-1", "PolicyTypes": TYPES}]},
    "list_organizational_units_for_parent": by(
        "ParentId",
        {
            "r-1": {"OrganizationalUnits": [{"Id": "ou-1"}]},
            "ou-1": {"OrganizationalUnits": []},
        },
    ),
    "list_policies": {"Policies": [SUMMARY]},
    "describe_policy": {"Policy": {"PolicySummary": SUMMARY, "Content": json.dumps(DENY)}},
    "list_policies_for_target": by(
        "TargetId", {"r-1": {"Policies": [SUMMARY]}, "ou-1": {"Policies": []}}
    ),
}


def test_it_reads_documents_and_attachments_of_the_tree() -> None:
    found = collect(policies, WORLD)

    assert [(p.id, p.name, p.content) for p in found.policies] == [("p-1", "DenyAll", DENY)]
    assert found.attached == {"r-1": ["p-1"], "ou-1": []}
    assert [p.id for p in found.attached_to_roots(SERVICE_CONTROL_POLICY)] == ["p-1"]
    assert not found.attached_to_roots(AISERVICES_OPT_OUT_POLICY)


def test_it_asks_only_for_types_that_are_enabled() -> None:
    asked: list[tuple[str, dict[str, Any]]] = []

    collect(policies, WORLD, asked=asked)

    filters = {params["Filter"] for name, params in asked if "Filter" in params}
    assert filters == {SERVICE_CONTROL_POLICY}


def test_a_policy_deleted_meanwhile_has_no_document() -> None:
    found = collect(policies, WORLD | {"describe_policy": Refusal("PolicyNotFoundException")})

    assert found.policies[0].content is None


def test_it_reads_the_policies_attached_to_an_account_itself() -> None:
    attached = by("TargetId", {ACCOUNT: [{"Policies": []}, {"Policies": [SUMMARY]}]})

    assert collect(attached_scps, {"list_policies_for_target": attached}) == ("p-1",)


def test_it_reads_the_resource_control_policies_of_an_account_too() -> None:
    attached = by("Filter", {RESOURCE_CONTROL_POLICY: {"Policies": [{"Id": "p-2"}]}})

    assert collect(attached_rcps, {"list_policies_for_target": attached}) == ("p-2",)


@given(
    thinned(
        {name: WORLD[name] for name in ("list_roots", "list_policies", "describe_policy")},
        kept=frozenset({"Id"}),
    )
)
def test_answers_with_fields_missing_are_read_as_far_as_they_go(answers: Any) -> None:
    found = collect(policies, WORLD | answers, is_checked=False)

    assert isinstance(found, Policies)
    assert all(policy.content in (None, DENY) for policy in found.policies)
