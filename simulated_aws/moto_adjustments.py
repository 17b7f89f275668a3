"""moto, where it is slow or not like AWS. Imported once, before anything of moto is used.

Written against moto 5.2.5, whose internals this reaches into; pyproject.toml pins that version.
"""

from __future__ import annotations

import functools
import itertools
import logging
import os
from typing import Any, Final

# Read by moto when it is imported. Without it the first EC2 call of every account and region
# loads hundreds of images, which costs 0.1 s and 3.6 MiB each time.
os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"
# A value here would make every caller that account.
os.environ.pop("MOTO_ACCOUNT_ID", None)

import moto.core.responses
import moto.core.utils
import moto.moto_server.werkzeug_app
from botocore.loaders import create_loader
from moto.cloudtrail.exceptions import S3BucketDoesNotExistException
from moto.cloudtrail.models import Trail
from moto.core.base_backend import AccountSpecificBackend, BackendDict
from moto.ec2.models.nat_gateways import NatGateway
from moto.macie2.models import MacieBackend
from moto.moto_api._internal import mock_random
from moto.organizations import models as organizations
from moto.organizations import utils as organizations_ids
from moto.organizations.responses import OrganizationsResponse
from moto.s3.models import FakeBucket, PublicAccessBlock, S3Backend, s3_backends

from simulated_aws import clients
from simulated_aws.organization import seen_by


class Identifiers:
    """Account, organization and OU ids chosen beforehand; without a choice, the next of a row."""

    def __init__(self) -> None:
        self.chosen: str | None = None
        self._accounts = itertools.count(700000000001)

    def account(self) -> str:
        return self._take("") or f"{next(self._accounts):012d}"

    def organizational_unit(self, root_id: str) -> str:
        return self._take("ou-") or _random_ou_id(root_id)

    def _take(self, prefix: str) -> str | None:
        # A new root draws an OU id as well, and drops it again.
        if self.chosen is None or self.chosen.startswith("ou-") is not (prefix == "ou-"):
            return None
        chosen, self.chosen = self.chosen, None
        return chosen


IDENTIFIERS: Final = Identifiers()
_random_ou_id = organizations_ids.make_random_ou_id


def adjust(organization_id: str, root_id: str) -> None:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    # Whatever moto makes up is then the same at every start.
    mock_random.seed(organization_id)
    organizations_ids.make_random_org_id = lambda: organization_id
    organizations_ids.make_random_root_id = lambda: root_id
    organizations_ids.make_random_account_id = IDENTIFIERS.account
    organizations_ids.make_random_ou_id = IDENTIFIERS.organizational_unit
    _look_up_once()
    _let_organizations_hold_everything()
    _be_like_aws()


def _replace(owner: object, name: str, value: object) -> None:
    """Assign to a method or a function of moto's, which type checkers take for an accident."""
    setattr(owner, name, value)


def _look_up_once() -> None:
    """moto walks its backends, its folders and its accounts anew for every request, and the
    folders of botocore for every service."""
    dispatcher = moto.moto_server.werkzeug_app.DomainDispatcherApplication
    _replace(dispatcher, "get_backend_for_host", functools.cache(dispatcher.get_backend_for_host))
    _replace(
        moto.core.responses,
        "method_names_from_class",
        functools.cache(moto.core.utils.method_names_from_class),
    )
    # Not the loader of our clients: those take the bucket out of the paths in S3's model.
    _replace(moto.core.utils, "create_loader", functools.cache(create_loader))
    session = clients.session_for({"AccessKeyId": "moto", "SecretAccessKey": "-"})
    _replace(AccountSpecificBackend, "get_session", classmethod(lambda _: session))
    create_backend = BackendDict.__getitem__

    def backend_of(self: BackendDict[Any], account: str) -> Any:
        if dict.__contains__(self, account):
            return dict.__getitem__(self, account)
        return create_backend(self, account)

    _replace(BackendDict, "__getitem__", backend_of)


def _let_organizations_hold_everything() -> None:
    """All policy types and service principals; and the view of delegated administrators."""
    shape: Any = moto.core.utils.get_service_model("organizations").shape_for("PolicyType")
    kinds = list(shape.enum)
    organizations.FakeRoot.SUPPORTED_POLICY_TYPES = kinds
    anything = staticmethod(lambda _: True)
    _replace(organizations.FakeDelegatedAdministrator, "supported_service", anything)
    _replace(organizations.FakeServiceAccess, "trusted_service", anything)
    create_policy = organizations.FakePolicy.__init__
    of_moto = frozenset(organizations.FakePolicy.SUPPORTED_POLICY_TYPES) - {"BACKUP_POLICY"}
    organizations.FakePolicy.SUPPORTED_POLICY_TYPES = kinds

    def create_any_policy(self: Any, organization: Any, **details: Any) -> None:
        kind = str(details.get("Type"))
        create_policy(
            self, organization, **{**details, "Type": kind if kind in of_moto else "TAG_POLICY"}
        )
        self.type = kind
        self._arn_format = organizations_ids.TAG_POLICY_ARN_FORMAT.replace(
            "tag_policy", kind.lower()
        )

    _replace(organizations.FakePolicy, "__init__", create_any_policy)
    _replace(OrganizationsResponse, "organizations_backend", property(_visible_organization))


def _visible_organization(response: OrganizationsResponse) -> organizations.OrganizationsBackend:
    operation = response._get_action()
    if operation == "CreateOrganization":
        return organizations.organizations_backends[response.current_account]["aws"]
    reading = operation.startswith(("Describe", "List"))
    return seen_by(response.current_account, reading=reading)


def _be_like_aws() -> None:
    """Macie is off until enabled; a new bucket blocks public access (since April 2023); a trail
    may deliver into another account's bucket; a NAT gateway's interface says that it is one.
    """
    create_macie = MacieBackend.__init__

    def create_macie_off(self: MacieBackend, region_name: str, account_id: str) -> None:
        create_macie(self, region_name, account_id)
        self.macie_session = None

    _replace(MacieBackend, "__init__", create_macie_off)
    create_bucket = S3Backend.create_bucket

    def create_blocked_bucket(self: S3Backend, *args: Any, **details: Any) -> FakeBucket:
        bucket = create_bucket(self, *args, **details)
        bucket.public_access_block = PublicAccessBlock(True, True, True, True)
        return bucket

    _replace(S3Backend, "create_bucket", create_blocked_bucket)

    def find_bucket(self: Trail) -> None:
        if self.bucket_name not in s3_backends.bucket_accounts:
            raise S3BucketDoesNotExistException(f"There is no bucket {self.bucket_name}.")

    _replace(Trail, "check_bucket_exists", find_bucket)
    create_nat_gateway = NatGateway.__init__

    def create_nat_gateway_with_its_interface(self: Any, *args: Any, **details: Any) -> None:
        create_nat_gateway(self, *args, **details)
        self._eni.interface_type = "nat_gateway"

    _replace(NatGateway, "__init__", create_nat_gateway_with_its_interface)
