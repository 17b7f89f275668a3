"""Who administers which service of an organization, which services it trusts, whom it invited,
and the tags of its accounts.

https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListDelegatedAdministrators.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from collectors.registry import Collector, Operation, Reach, Scope
from collectors.services.organizations.tree import state_of

if TYPE_CHECKING:
    from collectors.aws import Aws

LIST_DELEGATED_ADMINISTRATORS = Operation(
    "organizations",
    "list_delegated_administrators",
    "organizations:ListDelegatedAdministrators",
    "DelegatedAdministrators",
)
LIST_DELEGATED_SERVICES = Operation(
    "organizations",
    "list_delegated_services_for_account",
    "organizations:ListDelegatedServicesForAccount",
    "DelegatedServices",
)
LIST_SERVICE_ACCESS = Operation(
    "organizations",
    "list_aws_service_access_for_organization",
    "organizations:ListAWSServiceAccessForOrganization",
    "EnabledServicePrincipals",
)
LIST_HANDSHAKES = Operation(
    "organizations",
    "list_handshakes_for_organization",
    "organizations:ListHandshakesForOrganization",
    "Handshakes",
)
LIST_TAGS = Operation(
    "organizations", "list_tags_for_resource", "organizations:ListTagsForResource", "Tags"
)


@dataclass(frozen=True)
class DelegatedAdministrator:
    """``services`` are service principals, such as guardduty.amazonaws.com."""

    account_id: str
    name: str = ""
    state: str = ""
    services: Sequence[str] = ()


@dataclass(frozen=True)
class Invitation:
    """A handshake that asks an account to join. ``account_id`` is empty where only an e-mail
    address was invited."""

    id: str
    state: str = ""
    account_id: str = ""
    email: str = ""
    requested_timestamp: datetime | None = None
    expiration_timestamp: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.state in ("REQUESTED", "OPEN")


@dataclass(frozen=True)
class Tags:
    tags: Mapping[str, str] = field(default_factory=dict)


def _fetch_administrators(aws: Aws) -> Any:
    administrators = aws.pages(LIST_DELEGATED_ADMINISTRATORS) or []
    absent = ("AccountNotRegisteredException", "AccountNotFoundException")
    return [
        {
            **administrator,
            "Services": aws.pages(
                LIST_DELEGATED_SERVICES, absent=absent, AccountId=administrator["Id"]
            )
            or [],
        }
        for administrator in administrators
        if administrator.get("Id")
    ]


def _administrators(answers: Any) -> tuple[DelegatedAdministrator, ...]:
    return tuple(
        DelegatedAdministrator(
            account_id=answer["Id"],
            name=answer.get("Name") or "",
            state=state_of(answer),
            services=_principals(answer["Services"]),
        )
        for answer in answers
    )


def _principals(answers: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    return tuple(answer["ServicePrincipal"] for answer in answers if answer.get("ServicePrincipal"))


def _fetch_invitations(aws: Aws) -> Any:
    return aws.pages(LIST_HANDSHAKES, Filter={"ActionType": "INVITE"}) or []


def _invitations(answers: Any) -> tuple[Invitation, ...]:
    return tuple(
        Invitation(
            id=answer["Id"],
            state=answer.get("State") or "",
            account_id=_party(answer, "ACCOUNT"),
            email=_party(answer, "EMAIL"),
            requested_timestamp=answer.get("RequestedTimestamp"),
            expiration_timestamp=answer.get("ExpirationTimestamp"),
        )
        for answer in answers
        if answer.get("Id")
    )


def _party(handshake: Mapping[str, Any], kind: str) -> str:
    """The id of the invited party of a kind; the inviting one is of kind ORGANIZATION."""
    parties = handshake.get("Parties") or ()
    return next((p["Id"] for p in parties if p.get("Type") == kind and p.get("Id")), "")


def _tags(answers: Any) -> Tags:
    return Tags({tag["Key"]: tag.get("Value") or "" for tag in answers if tag.get("Key")})


delegated_administrators: Collector[tuple[DelegatedAdministrator, ...]] = Collector(
    "organizations.delegated_administrators",
    tuple[DelegatedAdministrator, ...],
    Scope.ORGANIZATION,
    Reach.GLOBAL,
    (LIST_DELEGATED_ADMINISTRATORS, LIST_DELEGATED_SERVICES),
    _fetch_administrators,
    _administrators,
)

# Service principals that have trusted access to the organization.
service_access: Collector[tuple[str, ...]] = Collector(
    "organizations.service_access",
    tuple[str, ...],
    Scope.ORGANIZATION,
    Reach.GLOBAL,
    (LIST_SERVICE_ACCESS,),
    lambda aws: aws.pages(LIST_SERVICE_ACCESS) or [],
    _principals,
)

invitations: Collector[tuple[Invitation, ...]] = Collector(
    "organizations.invitations",
    tuple[Invitation, ...],
    Scope.ORGANIZATION,
    Reach.GLOBAL,
    (LIST_HANDSHAKES,),
    _fetch_invitations,
    _invitations,
)

tags = Collector(
    "organizations.tags",
    Tags,
    Scope.TARGET,
    Reach.GLOBAL,
    (LIST_TAGS,),
    lambda aws: aws.pages(LIST_TAGS, absent=("TargetNotFoundException",), ResourceId=aws.target),
    lambda answers: _tags(answers or []),
)
