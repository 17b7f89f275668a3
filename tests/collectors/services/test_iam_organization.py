"""What an organization has put in place for the root users of its members."""

from typing import Any

from hypothesis import given

from collectors.services.iam import ROOT_CREDENTIALS, organizations_features
from tests.collectors.services.canned import Refusal, collect, thinned

ANSWER = {
    "OrganizationId": "o-a1b2c3d4e5",
    "EnabledFeatures": ["RootCredentialsManagement", "RootSessions"],
}


def test_it_reads_the_features() -> None:
    found = collect(organizations_features, {"list_organizations_features": ANSWER})
    assert ROOT_CREDENTIALS in found
    assert len(found) == 2


def test_without_trusted_access_there_is_none() -> None:
    refused = Refusal("ServiceAccessNotEnabledException")
    assert collect(organizations_features, {"list_organizations_features": refused}) == ()


@given(thinned({"list_organizations_features": ANSWER}))
def test_a_feature_is_on_only_if_aws_names_it(answers: Any) -> None:
    found = collect(organizations_features, answers, is_checked=False)
    named = answers["list_organizations_features"].get("EnabledFeatures") or ()
    assert found == tuple(named)
