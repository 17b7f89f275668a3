"""Macie: off until somebody enables it, which it says as a refusal; the session is moto's."""

from __future__ import annotations

from typing import Final

from moto.macie2.models import macie2_backends

from simulated_aws.answers import Result, answers
from simulated_aws.errors import AwsError
from simulated_aws.organization import organization_of
from simulated_aws.paging import Paging
from simulated_aws.wire import Call

PAGES: Final = Paging(limit=25, size="maxResults", cursor="nextToken")


@answers("macie2", "GetMacieSession")
def get_macie_session(call: Call) -> Result:
    session = macie2_backends[call.account][call.region].macie_session
    if session is None:
        raise AwsError("AccessDeniedException", "Macie is not enabled.", 403)
    return session


@answers("macie2", "ListOrganizationAdminAccounts")
def list_organization_admin_accounts(call: Call) -> Result:
    organization = organization_of(call.account)
    if organization is None or organization.account_id != call.account:
        raise AwsError(
            "AccessDeniedException", "The request is allowed to a management account only.", 403
        )
    administrator = macie2_backends[call.account][call.region].organization_admin_account_id
    listed = [{"accountId": administrator, "status": "ENABLED"}] if administrator else []
    return PAGES.page(call, "adminAccounts", listed)
