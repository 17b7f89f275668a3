"""CloudMapper's ``public``: a list of what the internet reaches, which it also keeps for its report
as ``account-data/<account>/public_nodes.json``.

The type of a resource stands in the place of a check. An account is named as in CloudMapper's own
configuration, and by its id only in ARNs. CloudMapper lists one account after the other, so what
has no ARN (API Gateway, Redshift) is of the account that was named last.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from collectors.scanners.head import Head
from collectors.scanners.records import json_records
from collectors.scanners.results import GLOBAL, CheckResult, CheckStatus, Scanner, part, text

LABEL = "CloudMapper public"
TOOL = "cloudmapper_public"
NODE = {"account", "arn", "hostname", "ports", "type"}
# A load balancer has an ARN for each of its subnets.
_SUBNET = re.compile(r"\.subnet-[0-9a-f]+$")
_HOST_REGION = re.compile(r"\.([a-z]{2}(?:-[a-z]+)+-\d)\.")


def _recognises(head: Head) -> bool:
    return head.is_list and head.first.keys() >= NODE


def _read(file: BinaryIO) -> Iterator[CheckResult]:
    name = account_id = ""
    for node in json_records(file, "item", LABEL):
        arn = _SUBNET.sub("", text(node.get("arn"))).split(":", 5)
        named = text(node.get("account"))
        is_arn = len(arn) == 6 and arn[0] == "arn"
        if is_arn:
            name, account_id = named, arn[4]
        yield _result(node, arn if is_arn else [], account_id if named == name else named)


def _result(node: Mapping[str, Any], arn: list[str], account_id: str) -> CheckResult:
    """What is in the list is open to everybody. Whether it is meant to be, the list does not say,
    nor when it was made."""
    host, kind, ports = (text(node.get(name)) for name in ("hostname", "type", "ports"))
    groups = ", ".join(sorted(part(node, "public_sgs")))
    in_host = _HOST_REGION.search(host)
    return CheckResult(
        tool=TOOL,
        account_id=account_id,
        check=kind,
        status=CheckStatus.FAIL,
        region=(arn[3] if arn else in_host.group(1) if in_host else "") or GLOBAL,
        resource=":".join(arn) or host,
        title=f"Reachable from the internet ({kind})",
        detail=f"{host}, {f'ports {ports}' if ports else 'no TCP or UDP port'}"
        + (f", by {groups}." if groups else "."),
        partition=(arn[1] if arn else "") or "aws",
    )


SCANNER = Scanner(TOOL, LABEL, _recognises, _read, ("cloudmapper",))
