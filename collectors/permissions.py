"""The IAM roles Cairn needs, made from what the collectors declare, so they cannot drift apart; and
the one role that may write, which is not needed unless contacts are pushed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from collectors.guard import CONTACT_PUSH
from collectors.registry import Operation, Scope, collectors


class RoleKind(StrEnum):
    MANAGEMENT = "management"  # once, in the organization's management account
    MEMBER = "member"  # in every account, the management account included
    SECURITY = "security"  # the member role of security accounts, which may see more
    CONTACTS = "contacts"  # once, in the management account, to write alternate contacts


READING = (RoleKind.MANAGEMENT, RoleKind.MEMBER, RoleKind.SECURITY)

NAMES = {
    RoleKind.MANAGEMENT: "CairnManagement",
    RoleKind.MEMBER: "CairnReadOnly",
    RoleKind.SECURITY: "CairnReadOnly",
    RoleKind.CONTACTS: "CairnContacts",
}


_SCOPES = {
    RoleKind.MANAGEMENT: {Scope.ORGANIZATION, Scope.TARGET},
    RoleKind.MEMBER: {Scope.ACCOUNT},
    RoleKind.SECURITY: {Scope.ACCOUNT, Scope.SECURITY},
}


# AWS answers them whatever a policy says.
NEED_NO_PERMISSION = frozenset({"sts:GetCallerIdentity"})


def actions(kind: RoleKind) -> list[str]:
    """IAM actions of a role, sorted."""
    needed = {operation.action for operation in _operations(kind)} - NEED_NO_PERMISSION
    return sorted(needed, key=str.lower)


def _operations(kind: RoleKind) -> Iterable[Operation]:
    if kind == RoleKind.CONTACTS:
        yield from CONTACT_PUSH
        return
    for collector in collectors().values():
        if kind != RoleKind.MANAGEMENT:
            yield from collector.own
        if collector.scope in _SCOPES[kind]:
            yield from collector.operations


def policy(kind: RoleKind) -> dict[str, Any]:
    """The permissions policy document."""
    statement = {
        "Sid": _SID[kind],
        "Effect": "Allow",
        "Action": actions(kind),
        "Resource": "*",
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def trust(principal: str, external_id: str, organization_id: str = "") -> dict[str, Any]:
    """The trust policy document: only Cairn, only with the external id, only from the company."""
    equals = {"sts:ExternalId": external_id}
    if organization_id:
        equals["aws:PrincipalOrgID"] = organization_id
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": principal},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": equals},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def as_json(document: object) -> str:
    return json.dumps(document, indent=2)


_SID = {**dict.fromkeys(READING, "CairnReads"), RoleKind.CONTACTS: "CairnWritesContacts"}
_READS = "Lets Cairn read this account ({} role). Nothing in it can change anything."
_DESCRIPTION = {
    **{kind: _READS.format(kind.value) for kind in READING},
    RoleKind.CONTACTS: "Lets Cairn write alternate contacts of the accounts of this organization.",
}
_ROLE_DESCRIPTION = {
    **dict.fromkeys(READING, "Read-only access for Cairn."),
    RoleKind.CONTACTS: "Lets Cairn write alternate contacts and nothing else.",
}

_HOW = {
    RoleKind.MANAGEMENT: """\
    Create one stack from this template in the organization's management account. IAM is global, so
    the Region does not matter.
      aws cloudformation deploy --stack-name cairn-management --template-file management.yaml \\
        --capabilities CAPABILITY_NAMED_IAM \\
        --parameter-overrides CairnPrincipal=ARN ExternalId=ID OrganizationId=o-ID
    Then let AWS Organizations answer for member accounts:
      aws organizations enable-aws-service-access --service-principal account.amazonaws.com
""",
    RoleKind.MEMBER: """\
    Roll this template out to every account as a service-managed stack set of the management
    account (or of a delegated administrator of CloudFormation). New accounts then get it by
    themselves:
      aws cloudformation create-stack-set --stack-set-name cairn-read-only \\
        --template-body file://member.yaml --capabilities CAPABILITY_NAMED_IAM \\
        --permission-model SERVICE_MANAGED \\
        --auto-deployment Enabled=true,RetainStacksOnAccountRemoval=false \\
        --parameters ParameterKey=CairnPrincipal,ParameterValue=ARN \\
          ParameterKey=ExternalId,ParameterValue=ID ParameterKey=OrganizationId,ParameterValue=o-ID
      aws cloudformation create-stack-instances --stack-set-name cairn-read-only \\
        --deployment-targets OrganizationalUnitIds=r-ROOT --regions us-east-1
    Stack sets leave out the management account: create a stack from this template there by hand.
""",
    RoleKind.SECURITY: """\
    Create one stack from this template in each security account (audit, log archive, delegated
    administrators). It replaces the member role of that account, so leave these accounts out of
    the stack set of the member role:
      aws cloudformation deploy --stack-name cairn-read-only --template-file security.yaml \\
        --capabilities CAPABILITY_NAMED_IAM \\
        --parameter-overrides CairnPrincipal=ARN ExternalId=ID OrganizationId=o-ID
""",
    RoleKind.CONTACTS: """\
    Only if Cairn shall write alternate contacts: create one stack from this template in the
    organization's management account, and allow Cairn's own principal to assume the role.
      aws cloudformation deploy --stack-name cairn-contacts --template-file contacts.yaml \\
        --capabilities CAPABILITY_NAMED_IAM \\
        --parameter-overrides CairnPrincipal=ARN ExternalId=ID OrganizationId=o-ID
    AWS Organizations must answer for member accounts:
      aws organizations enable-aws-service-access --service-principal account.amazonaws.com
    Delete the stack to take the right away.
""",
}

_TEMPLATE = """\
AWSTemplateFormatVersion: "2010-09-09"
Description: {description}
Metadata:
  Instructions: |
{how}\
Parameters:
  CairnPrincipal:
    Type: String
    Description: ARN of the role or user that Cairn's workers run as.
    AllowedPattern: "arn:aws[a-z-]*:(iam|sts)::[0-9]{{12}}:.+"
  ExternalId:
    Type: String
    Description: The external id shown on Cairn's Connect page.
    Default: "{external_id}"
    MinLength: 2
  OrganizationId:
    Type: String
    Description: The id of your organization. Empty only if Cairn runs outside of it.
    Default: "{organization_id}"
  RoleName:
    Type: String
    Default: {role_name}
Conditions:
  InOrganization: !Not [!Equals [!Ref OrganizationId, ""]]
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: !Ref RoleName
      Description: {role_description}
      MaxSessionDuration: 3600
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal:
              AWS: !Ref CairnPrincipal
            Action: sts:AssumeRole
            Condition:
              StringEquals:
                sts:ExternalId: !Ref ExternalId
                aws:PrincipalOrgID: !If [InOrganization, !Ref OrganizationId, !Ref AWS::NoValue]
      Policies:
        - PolicyName: {sid}
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Sid: {sid}
                Effect: Allow
                Action:
{actions}
                Resource: "*"
Outputs:
  RoleArn:
    Value: !GetAtt Role.Arn
"""


def cloudformation(kind: RoleKind, *, external_id: str = "", organization_id: str = "") -> str:
    """A CloudFormation template of the role, with how to roll it out."""
    return _TEMPLATE.format(
        description=_DESCRIPTION[kind],
        role_description=_ROLE_DESCRIPTION[kind],
        sid=_SID[kind],
        how=_HOW[kind],
        external_id=external_id,
        organization_id=organization_id,
        role_name=NAMES[kind],
        actions="\n".join(f"                  - {action}" for action in actions(kind)),
    )
