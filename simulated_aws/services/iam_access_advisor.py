"""IAM: which of the services that a role may call it did call, which moto does not know."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from moto.iam.models import iam_backends

from simulated_aws.answers import Result, answers
from simulated_aws.errors import AwsError
from simulated_aws.paging import Paging
from simulated_aws.wire import Call

PAGES: Final = Paging(limit=1000, size="MaxItems", cursor="Marker", error="InvalidInput")
# Role ARN -> service prefix -> how many days ago it was last called, None for never. Of other roles
# every service that their policies name was called yesterday.
CALLED: Final[dict[str, dict[str, int | None]]] = {}
# Job id -> the access key of the session that began it, and the role.
JOBS: Final[dict[str, tuple[str, str]]] = {}


@answers("iam", "GenerateServiceLastAccessedDetails")
def generate_service_last_accessed_details(call: Call) -> Result:
    arn = str(call.parameters["Arn"])
    if arn not in {role.arn for role in _roles(call)}:
        raise AwsError("NoSuchEntity", f"ARN {arn} is not found.", 404)
    job = f"00000000-0000-4000-8000-{len(JOBS):012x}"
    JOBS[job] = (call.access_key_id, arn)
    return {"JobId": job}


@answers("iam", "GetServiceLastAccessedDetails")
def get_service_last_accessed_details(call: Call) -> Result:
    """Only to the session that asked for the report."""
    job = str(call.parameters["JobId"])
    session, arn = JOBS.get(job, ("", ""))
    if session != call.access_key_id:
        raise AwsError("NoSuchEntity", f"The job {job} is not found.", 404)
    now = datetime.now(UTC).replace(microsecond=0)
    services = [_service(name, days, now, arn) for name, days in sorted(_called(call, arn).items())]
    page = PAGES.page(call, "ServicesLastAccessed", services)
    return {
        "JobStatus": "COMPLETED",
        "JobType": "ACTION_LEVEL",
        "JobCreationDate": now,
        "JobCompletionDate": now,
        "IsTruncated": "Marker" in page,
        **page,
    }


def _roles(call: Call) -> list[Any]:
    return list(iam_backends[call.account]["aws"].roles.values())


def _called(call: Call, arn: str) -> dict[str, int | None]:
    if arn in CALLED:
        return CALLED[arn]
    role = next(one for one in _roles(call) if one.arn == arn)
    documents = [*role.policies.values(), *(p.document for p in role.managed_policies.values())]
    actions = [action for text in documents for action in _actions(text)]
    return {action.partition(":")[0]: 1 for action in actions if ":" in action}


def _actions(text: str) -> Iterator[str]:
    statements = json.loads(text)["Statement"]
    for statement in statements if isinstance(statements, list) else [statements]:
        actions = statement.get("Action", [])
        yield from actions if isinstance(actions, list) else [actions]


def _service(name: str, days: int | None, now: datetime, arn: str) -> dict[str, Any]:
    service: dict[str, Any] = {
        "ServiceName": name,
        "ServiceNamespace": name,
        "TotalAuthenticatedEntities": 0 if days is None else 1,
    }
    if days is not None:
        used = {"LastAuthenticated": now - timedelta(days=days), "LastAuthenticatedEntity": arn}
        service |= {**used, "LastAuthenticatedRegion": "eu-west-1"}
    if name == "s3":
        service["TrackedActionsLastAccessed"] = [{"ActionName": "ListAllMyBuckets"}]
    return service
