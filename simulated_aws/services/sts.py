"""Security Token Service: strict where moto hands out credentials for any role of any account."""

from __future__ import annotations

import re
from typing import Final

from simulated_aws import authorization, errors
from simulated_aws.answers import Result, answers
from simulated_aws.errors import AwsError
from simulated_aws.identity import open_session, role_named
from simulated_aws.organization import member
from simulated_aws.wire import Call

ROLE_ARN: Final = re.compile(r"arn:aws[\w-]*:iam::(?P<account>\d{12}):role/(?:.*/)?(?P<name>[^/]+)")


@answers("sts", "GetCallerIdentity")
def get_caller_identity(call: Call) -> Result:
    principal = authorization.caller(call)
    return {
        "UserId": principal.user_id,
        "Account": principal.account,
        "Arn": principal.session_arn,
    }


@answers("sts", "AssumeRole")
def assume_role(call: Call) -> Result:
    """Refused for a role that is missing or does not trust the caller, and in a closed account."""
    asked = call.parameters
    arn = ROLE_ARN.fullmatch(str(asked["RoleArn"]))
    if not arn:
        raise AwsError("ValidationError", f"{asked['RoleArn']} is invalid", 400)
    principal = authorization.caller(call)
    refused = errors.denied(
        call.error_family,
        f"User: {principal.session_arn} is not authorized to perform: sts:AssumeRole "
        f"on resource: {asked['RoleArn']}",
    )
    role = role_named(arn["account"], arn["name"])
    owner = member(arn["account"])
    if role is None or role.arn != asked["RoleArn"] or (owner and owner.state != "ACTIVE"):
        raise refused
    external_id = asked.get("ExternalId")
    context = {"sts:externalid": str(external_id)} if external_id is not None else {}
    if not authorization.trusts(role.assume_role_policy_document, principal, context):
        raise refused
    key, session = open_session(
        role, str(asked["RoleSessionName"]), int(asked.get("DurationSeconds") or 3600)
    )
    return {
        "Credentials": {
            "AccessKeyId": key,
            "SecretAccessKey": session.secret,
            "SessionToken": session.token,
            "Expiration": session.expires_at,
        },
        "AssumedRoleUser": {
            "AssumedRoleId": session.principal.user_id,
            "Arn": session.principal.session_arn,
        },
    }
