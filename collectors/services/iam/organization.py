"""AWS Identity and Access Management: what an organization has put in place for its members' root
users.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListOrganizationsFeatures.html
"""

from __future__ import annotations

from typing import Any

from collectors.registry import Collector, Operation, Reach, Scope

LIST_ORGANIZATIONS_FEATURES = Operation(
    "iam", "list_organizations_features", "iam:ListOrganizationsFeatures"
)
# IAM has no trusted access to the organization, or there is none: no feature is on.
ABSENT = ("ServiceAccessNotEnabledException", "OrganizationNotFoundException")

ROOT_CREDENTIALS = "RootCredentialsManagement"
ROOT_SESSIONS = "RootSessions"


def transform_features(answer: Any) -> tuple[str, ...]:
    return tuple((answer or {}).get("EnabledFeatures") or ())


# AWS's names of the features that are on.
organizations_features: Collector[tuple[str, ...]] = Collector(
    "iam.organizations_features",
    tuple[str, ...],
    Scope.ORGANIZATION,
    Reach.GLOBAL,
    (LIST_ORGANIZATIONS_FEATURES,),
    lambda aws: aws.call(LIST_ORGANIZATIONS_FEATURES, absent=ABSENT),
    transform_features,
)
