"""The account is governed by a registered organization; the management account runs nothing else.

Reads organizations:ListAccounts with the walk of the OUs, open invitations, and for the management
account what its presence probes saw.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from collectors.services import organizations
from collectors.services.organizations import Account, Listing
from roadmap.readings.workload import READS, find_workload
from roadmap.registry import FindingKind, Fix, Flow, Item
from roadmap.sentences import listed
from roadmap.subject import Subject
from roadmap.verdicts import (
    Problem,
    Reason,
    Severity,
    Source,
    Status,
    Verdict,
    failed,
    partly,
    passed,
    unknown,
    verdict_of,
)

LEAVING = ("SUSPENDED", "PENDING_CLOSURE")


def judge(subject: Subject) -> Verdict:
    account_id = subject.account.account_id
    if not subject.account.organization_id:
        return _standalone(subject)
    listing = subject.facts.management(organizations.listing)
    member = listing.account(account_id)
    if member is None:
        return _unlisted(subject, listing)
    membership = _member(listing, member)
    if account_id != listing.organization.management_account_id:
        return membership
    return _management(subject, membership)


def _standalone(subject: Subject) -> Verdict:
    row, company = subject.account, subject.company
    invited = company.invitations
    by = invited.get(row.account_id) or invited.get(row.email.lower(), "")
    if company.unread_invitations and not by:
        return unknown(
            Reason.PARTIAL_COLLECTION,
            "It is in no known organization, and whether it is invited to "
            f"{listed(company.unread_invitations)} could not be seen.",
            "invitations not seen",
            facts={"note": "not_in_organization"},
            problems=[Problem("not_in_organization")],
        )
    return _outside(by)


def _outside(organization_id: str) -> Verdict:
    if organization_id:
        return partly(
            f"It is invited to {organization_id} and has not joined yet.",
            "invited",
            facts={"invited_to": organization_id},
        )
    return failed(
        "It is in no known organization and not invited to one.",
        "in no known organization",
        facts={"note": "not_in_organization"},
        problems=[Problem("not_in_organization")],
    )


def _unlisted(subject: Subject, listing: Listing) -> Verdict:
    """The sheet has it in the organization, AWS does not list it."""
    organization_id = listing.organization.id
    row = subject.account
    names = {row.account_id, row.email.lower()} - {""}
    for invitation in subject.facts.management(organizations.invitations):
        if invitation.is_open and names & {invitation.account_id, invitation.email.lower()}:
            invited = _outside(organization_id)
            facts = {"handshake": invitation.id, "state": invitation.state}
            return replace(invited, facts={**invited.facts, **facts})
    if not listing.is_complete:
        return unknown(
            Reason.PARTIAL_COLLECTION,
            f"It was not seen in {organization_id}, but the list may not be complete: "
            f"{listing.gaps[0]}",
            "list incomplete",
            facts={"gaps": list(listing.gaps)},
        )
    return failed(
        f"AWS no longer lists it in {organization_id}.",
        "left the organization",
        facts={"organization": organization_id, "listed": False},
        problems=[Problem("not_in_organization")],
    )


def _member(listing: Listing, account: Account) -> Verdict:
    organization = listing.organization
    facts = _facts(listing, account)
    where = f"{organization.id} ({facts['ou_path'] or 'OU not known'})"
    if account.state == "CLOSED":
        return failed(
            f"It is closed in {organization.id}, and nobody has recorded that yet.",
            "closed, not confirmed",
            facts=facts,
        )
    if account.state in LEAVING:
        words = account.state.replace("_", " ").lower()
        return failed(f"It is {words} in {where}.", "not active", facts=facts)
    if account.state != "ACTIVE":
        return unknown(
            Reason.UNDETERMINED,
            f"Its state in {organization.id} is {account.state or 'not given'}.",
            "state not known",
            facts=facts,
        )
    if organization.feature_set == "CONSOLIDATED_BILLING":
        return partly(
            f"It is in {where}, which shares bills only: policies cannot be used.",
            "consolidated billing only",
            facts=facts,
            problems=[Problem("billing_only_features", organization.arn, organization.id)],
        )
    if organization.feature_set != "ALL":
        return unknown(
            Reason.UNDETERMINED,
            f"The features of {organization.id} are {organization.feature_set or 'not given'}.",
            "features not known",
            facts=facts,
        )
    return passed(f"It is active in {where}, with all features.", "governed", facts=facts)


def _facts(listing: Listing, account: Account) -> dict[str, Any]:
    return {
        "organization": listing.organization.id,
        "feature_set": listing.organization.feature_set,
        "state": account.state,
        "ou_path": listing.ou_path(account),
        "joined_method": account.joined_method,
        "joined_timestamp": account.joined_timestamp,
    }


def _management(subject: Subject, membership: Verdict) -> Verdict:
    """The management account's membership together with what runs in it."""
    allowed = subject.settings["MANAGEMENT_RESOURCE_ALLOWLIST"]
    found = find_workload(subject, subject.account.account_id, allowed)
    workload = verdict_of(found.parts, "", "")
    facts = {**membership.facts, "workload": found.as_facts()}
    problems = [*membership.problems, *found.problems("management_workload")]
    if membership.status != Status.PASS:
        return replace(
            membership,
            facts=facts,
            problems=problems,
            incomplete=workload.incomplete,
        )
    return _of_workload(membership, workload, f"{found}", facts, problems)


def _of_workload(
    membership: Verdict,
    workload: Verdict,
    found: str,
    facts: Mapping[str, Any],
    problems: list[Problem],
) -> Verdict:
    if workload.status == Status.PARTIAL:
        return partly(
            f"It is the management account and runs {found}.",
            "management account with workload",
            facts=facts,
            problems=problems,
            incomplete=workload.incomplete,
        )
    if workload.status == Status.UNKNOWN:
        return unknown(
            workload.reason or Reason.PARTIAL_COLLECTION,
            "It is the management account, and whether it runs workload could not be seen.",
            "workload not seen",
            facts=facts,
        )
    return passed(
        f"{membership.sentence} It is the management account and runs no workload.",
        "governed, no workload",
        facts=facts,
    )


item = Item(
    __name__,
    order="1.2",
    title="Account governed by AWS Organizations",
    guidance=(
        "Only inside an organization with all features can policies, central logging and "
        "delegated security services reach an account. Policies never apply to the management "
        "account, so it should run nothing but the organization itself. Only the management "
        "account or a delegated administrator can list the members."
    ),
    scope="account",
    flow=Flow.PER_TARGET,
    sources=(Source.AUTOMATIC, Source.IMPORTED),
    judge=judge,
    reads=(organizations.listing, organizations.invitations, *READS),
    findings={
        "not_in_organization": FindingKind("Account in no organization", Severity.HIGH),
        "billing_only_features": FindingKind("Organization shares bills only", Severity.MEDIUM),
        "management_workload": FindingKind("Workload in the management account", Severity.MEDIUM),
    },
    always_judged=True,
    imports={
        "prowler": ("organizations_account_part_of_organizations",),
        "securityhub": ("Account.2",),
    },
    fix=Fix(
        "Invite the account and enable all features; move workload out of the management account.",
        "Managing account invitations with AWS Organizations",
    ),
    source_url="https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_invites.html",
)
