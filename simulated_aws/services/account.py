"""AWS Account Management: primary contact, primary e-mail, regions, and whom a call is about.

AccountId may be given by the management account and by a delegated administrator of
account.amazonaws.com, needs trusted access, and must not be the caller's own management account.
"""

from __future__ import annotations

from typing import Any, Final

from simulated_aws import regions
from simulated_aws.answers import Result, answers
from simulated_aws.errors import AwsError
from simulated_aws.organization import is_delegated, member, organization_of
from simulated_aws.paging import Paging
from simulated_aws.wire import Call

SERVICE: Final = "account.amazonaws.com"
PAGES: Final = Paging(limit=50)
CONTACT_INFORMATION: Final[dict[str, dict[str, Any]]] = {}


def account_asked(call: Call) -> str:
    """The account a call is about: the one named, if the caller may name it, else its own."""
    named = call.parameters.get("AccountId")
    if named is None:
        return call.account
    organization = organization_of(call.account)
    if organization is None or not any(a.id == named for a in organization.accounts):
        raise _refused(call, f"{named} is not a member of the caller's organization.")
    if not any(service["ServicePrincipal"] == SERVICE for service in organization.services):
        raise _refused(call, f"Trusted access for {SERVICE} is not enabled.")
    if named == organization.account_id:
        raise _refused(call, "The management account must not be named by its AccountId.")
    if organization.account_id != call.account and not is_delegated(call.account, SERVICE):
        raise _refused(call, "Only the management account may name another account.")
    return str(named)


def _refused(call: Call, why: str) -> AwsError:
    return AwsError(
        "AccessDeniedException",
        f"User is not authorized to perform: account:{call.operation}. {why}",
        403,
    )


@answers("account", "GetContactInformation")
def get_contact_information(call: Call) -> Result:
    account = account_asked(call)
    information = CONTACT_INFORMATION.get(account)
    if information is None:
        raise AwsError("ResourceNotFoundException", "No contact information was found.", 404)
    return {"ContactInformation": information}


@answers("account", "PutContactInformation")
def put_contact_information(call: Call) -> Result:
    CONTACT_INFORMATION[account_asked(call)] = dict(call.parameters["ContactInformation"])
    return {}


@answers("account", "GetPrimaryEmail")
def get_primary_email(call: Call) -> Result:
    account = member(account_asked(call))
    if account is None:
        raise AwsError("ResourceNotFoundException", "There is no such member account.", 404)
    return {"PrimaryEmail": account.email}


@answers("account", "ListRegions")
def list_regions(call: Call) -> Result:
    account = account_asked(call)
    wanted = call.parameters.get("RegionOptStatusContains")
    listed = [
        {"RegionName": region, "RegionOptStatus": regions.status(account, region)}
        for region in regions.ALL
    ]
    kept = [r for r in listed if not wanted or r["RegionOptStatus"] in wanted]
    return PAGES.page(call, "Regions", kept)


@answers("account", "GetRegionOptStatus")
def get_region_opt_status(call: Call) -> Result:
    region = str(call.parameters["RegionName"])
    return {
        "RegionName": region,
        "RegionOptStatus": regions.status(account_asked(call), region),
    }


@answers("account", "EnableRegion", "DisableRegion")
def change_region(call: Call) -> Result:
    """At once; AWS takes minutes to hours."""
    opted_in = regions.OPTED_IN.setdefault(account_asked(call), set())
    region = str(call.parameters["RegionName"])
    if region not in regions.ALL or region in regions.ENABLED_BY_DEFAULT:
        raise AwsError("ValidationException", f"{region} cannot be enabled or disabled.", 400)
    if call.operation == "EnableRegion":
        opted_in.add(region)
    else:
        opted_in.discard(region)
    return {}
