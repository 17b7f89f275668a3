"""Resource Groups Tagging API: resources by their tags, a bucket in its own region only.

moto shows buckets in every region, and knows neither required tags nor the compliance summary.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from moto.core.resource_tagging import (
    TaggedResource,
    iter_taggable_backends,
    make_tag_matcher,
    match_resource_type,
)
from moto.s3.models import s3_backends

from simulated_aws import effective_policies
from simulated_aws.answers import Result, answers
from simulated_aws.errors import AwsError
from simulated_aws.organization import organization_of
from simulated_aws.paging import Paging
from simulated_aws.wire import Call

RESOURCES: Final = Paging(limit=100, size="ResourcesPerPage", cursor="PaginationToken")
SUMMARIES: Final = Paging(limit=1000, cursor="PaginationToken")
REQUIRED: Final = Paging(limit=1000)
MAIN_REGION: Final = "us-east-1"
# Account -> resources that break its effective tag policy, and when AWS last counted them.
NON_COMPLIANT: Final[dict[str, tuple[int, str]]] = {}


def taggable(account: str, region: str) -> Iterator[TaggedResource]:
    """Every resource that may carry tags, with those it has."""
    buckets = s3_backends[account]["aws"].buckets
    for backend in iter_taggable_backends(account, region):
        for resource in backend.iter_tagged_resources():
            bucket = buckets.get(resource.arn.rpartition(":")[2])
            if resource.resource_type != "s3:bucket" or (bucket and bucket.region_name == region):
                yield resource


@answers("resourcegroupstaggingapi", "GetResources")
def get_resources(call: Call) -> Result:
    has_tags = make_tag_matcher(call.parameters.get("TagFilters"))
    kinds = call.parameters.get("ResourceTypeFilters")
    found = [
        {
            "ResourceARN": resource.arn,
            "Tags": [{"Key": key, "Value": value} for key, value in resource.tags.items()],
        }
        for resource in taggable(call.account, call.region)
        if resource.tags
        and has_tags(resource.tags)
        and match_resource_type(resource.resource_type, kinds)
    ]
    return RESOURCES.page(call, "ResourceTagMappingList", found)


@answers("resourcegroupstaggingapi", "GetComplianceSummary")
def get_compliance_summary(call: Call) -> Result:
    """Told to the management account in the main region, if the organization has tag policies."""
    organization = organization_of(call.account)
    if organization is None or organization.account_id != call.account:
        raise AwsError("InvalidParameterException", "Call this from the management account.", 400)
    if call.region != MAIN_REGION:
        raise AwsError("InvalidParameterException", f"Call this in {MAIN_REGION}.", 400)
    if not NON_COMPLIANT:
        raise AwsError("ConstraintViolationException", "Tag policies are not enabled.", 400)
    summaries = [
        {
            "LastUpdated": updated,
            "TargetId": account,
            "TargetIdType": "ACCOUNT",
            "NonCompliantResources": count,
        }
        for account, (count, updated) in NON_COMPLIANT.items()
    ]
    return SUMMARIES.page(call, "SummaryList", summaries)


@answers("resourcegroupstaggingapi", "ListRequiredTags")
def list_required_tags(call: Call) -> Result:
    organization = organization_of(call.account)
    policy = (
        effective_policies.content(organization, call.account, "TAG_POLICY")
        if organization
        else None
    )
    keys: dict[str, list[str]] = {}
    for name, entry in ((policy or {}).get("tags") or {}).items():
        for kind in entry.get("report_required_tag_for", ()):
            keys.setdefault(kind, []).append(entry.get("tag_key", name))
    required: list[dict[str, Any]] = [
        {"ResourceType": kind, "ReportingTagKeys": names} for kind, names in sorted(keys.items())
    ]
    return REQUIRED.page(call, "RequiredTags", required)
