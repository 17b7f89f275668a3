"""ScoutSuite's ``scoutsuite_results_aws-*.js``: one line of JavaScript, then JSON.

A check that passes names no Region, but its path says whether it was made Region by Region
(``ec2.regions.id.…``), and its service names the Regions (the keys of ``services.ec2.regions``).
The keys are sorted, so they stand below the findings.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, BinaryIO

import ijson
from ijson.common import ObjectBuilder

from collectors.scanners.head import Head
from collectors.scanners.results import (
    GLOBAL,
    CheckResult,
    CheckStatus,
    Scanner,
    Unreadable,
    entries,
    moment,
    text,
)

LABEL = "ScoutSuite results"
ASSIGNMENT = "scoutsuite_results"
SEVERITIES = {"danger": "high", "warning": "medium"}
PREFACE = ("account_id", "partition", "provider_code", "last_run.time", "last_run.version")
MOST_REGIONS = 10_000  # of all services together
_NAME = r"[a-z]{2}(?:-[a-z]+)+-\d"
_REGION_NAME = re.compile(_NAME)
_REGION = re.compile(rf"\.regions\.({_NAME})(?:\.|$)")
# The parts of an item's path that name a resource, as its ARN has them.
_ARNS = {
    "ec2.instances": "arn:{partition}:ec2:{region}:{account}:instance/{id}",
    "ec2.security_groups": "arn:{partition}:ec2:{region}:{account}:security-group/{id}",
    "ec2.snapshots": "arn:{partition}:ec2:{region}:{account}:snapshot/{id}",
    "ec2.volumes": "arn:{partition}:ec2:{region}:{account}:volume/{id}",
    "ec2.images": "arn:{partition}:ec2:{region}::image/{id}",
    "vpc.subnets": "arn:{partition}:ec2:{region}:{account}:subnet/{id}",
    "vpc.vpcs": "arn:{partition}:ec2:{region}:{account}:vpc/{id}",
}


def _recognises(head: Head) -> bool:
    is_assignment = head.text.startswith(ASSIGNMENT)
    return is_assignment and re.search(r'"provider_code"\s*:\s*"aws"', head.text) is not None


def _read(file: BinaryIO) -> Iterator[CheckResult]:
    """Twice over the file: what is said of all findings may stand below them."""
    about, regions = _preface(_json(file))
    if about.get("provider_code") != "aws":
        raise Unreadable(
            f"These are ScoutSuite results of {about.get('provider_code', 'an unnamed provider')}, "
            "and Cairn keeps AWS accounts. Nothing was taken."
        )
    for check, finding in _findings(_json(file)):
        service, _, place = text(finding.get("path")).partition(".")
        is_regional = place.split(".")[0] == "regions"
        looked_in = regions.get(service) if is_regional else None
        yield from _results(check, finding, about, looked_in or frozenset())


def _json(file: BinaryIO) -> BinaryIO:
    """The file from its first brace on: before it stands ``scoutsuite_results =``."""
    file.seek(0)
    place = file.read(1024).find(b"{")
    file.seek(max(place, 0))
    return file


def _events(file: BinaryIO) -> Iterator[tuple[str, str, Any]]:
    try:
        yield from ijson.parse(file, use_float=True)
    except (ijson.JSONError, UnicodeDecodeError) as error:
        raise Unreadable(
            f"{LABEL} break off: {str(error).splitlines()[0]}. The file is cut short or was "
            "edited; export it again. Nothing was taken."
        ) from None


def _preface(file: BinaryIO) -> tuple[Mapping[str, str], Mapping[str, frozenset[str]]]:
    """What is said of the run, and service → the Regions that it looked at."""
    about: dict[str, str] = {}
    regions: dict[str, set[str]] = defaultdict(set)
    for prefix, event, value in _events(file):
        if event == "string" and prefix in PREFACE:
            about[prefix] = text(value)
        elif event == "map_key" and prefix.endswith(".regions"):
            _add_region(regions, prefix, value)
    return about, {service: frozenset(names) for service, names in regions.items()}


def _add_region(regions: dict[str, set[str]], prefix: str, name: str) -> None:
    parts = prefix.split(".")
    if len(parts) != 3 or parts[0] != "services" or not _REGION_NAME.fullmatch(name):
        return
    regions[parts[1]].add(name)
    if sum(map(len, regions.values())) > MOST_REGIONS:
        raise Unreadable(f"{LABEL} name more Regions than AWS has. Nothing was taken.")


def _findings(file: BinaryIO) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """(key, finding) of ``services.<service>.findings.<key>``, without keeping what is around."""
    builder, inside = None, ""
    for prefix, event, value in _events(file):
        if builder is None:
            if event == "start_map" and _is_finding(prefix):
                builder, inside = ObjectBuilder(), prefix
                builder.event(event, value)
            continue
        builder.event(event, value)
        if event == "end_map" and prefix == inside:
            yield inside.rpartition(".")[2], builder.value
            builder = None


def _is_finding(prefix: str) -> bool:
    parts = prefix.split(".")
    return len(parts) == 4 and parts[0] == "services" and parts[2] == "findings"


def _results(
    check: str, finding: Mapping[str, Any], about: Mapping[str, str], looked_in: frozenset[str]
) -> Iterator[CheckResult]:
    """A FAIL for each item that is flagged; a PASS where some were checked and none flagged."""
    checked, flagged = _number(finding, "checked_items"), _number(finding, "flagged_items")
    level = text(finding.get("level"))
    items = [text(item) for item in entries(finding.get("items")) if text(item)]

    def result(status: CheckStatus, item: str = "") -> CheckResult:
        region, resource = _place(item, about)
        return CheckResult(
            tool="scoutsuite",
            account_id=about.get("account_id", ""),
            check=check,
            status=status,
            region=region,
            resource=resource,
            title=text(finding.get("description")),
            severity=SEVERITIES.get(level, level),
            at=_at(about),
            partition=about.get("partition") or "aws",
            version=about.get("last_run.version", ""),
            looked_in=looked_in,
        )

    if flagged:
        yield from (result(CheckStatus.FAIL, item) for item in items or [""])
    elif checked:
        yield result(CheckStatus.PASS)


def _number(finding: Mapping[str, Any], name: str) -> int:
    value = finding.get(name)
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0


def _at(about: Mapping[str, str]) -> datetime | None:
    return moment(about.get("last_run.time"))


def _place(item: str, about: Mapping[str, str]) -> tuple[str, str]:
    """(Region, resource) of a path such as ``ec2.regions.eu-west-1.vpcs.vpc-1.instances.i-1.x``."""
    found = _REGION.search(item)
    region = found.group(1) if found else GLOBAL
    parts = item.split(".")
    for place in range(len(parts) - 2, 0, -1):
        template = _ARNS.get(f"{parts[0]}.{parts[place]}")
        if template and found:
            values = {"partition": about.get("partition") or "aws", "region": region}
            account = about.get("account_id", "")
            return region, template.format(**values, account=account, id=parts[place + 1])
    return region, item


SCANNER = Scanner("scoutsuite", LABEL, _recognises, _read, ("scoutsuite",))
