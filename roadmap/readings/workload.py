"""What runs in an account that should run nothing of its own: the management account and the
security accounts. Pure.

Workload is any EC2 or RDS instance, Lambda function, ECS cluster, DynamoDB table or S3 bucket.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from collectors.outcomes import Missing, Outcome
from collectors.registry import Collector
from collectors.services import dynamodb, ec2, ecs, lambda_, rds, s3
from roadmap.sentences import listed
from roadmap.subject import Subject
from roadmap.verdicts import Problem, Verdict, partly, passed, unknown_for


@dataclass(frozen=True)
class Resource:
    kind: str
    name: str
    arn: str
    region: str = "global"

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


@dataclass(frozen=True)
class Place:
    """Where a probe looked, and the start of the ARNs of what is there."""

    account_id: str
    partition: str
    region: str

    def arn(self, service: str, rest: str) -> str:
        return f"arn:{self.partition}:{service}:{self.region}:{self.account_id}:{rest}"


Reader = Callable[[Place, Any], Iterable[Resource]]


def _instances(place: Place, found: Sequence[ec2.Instance]) -> Iterable[Resource]:
    for i in found:
        if i.is_there:
            arn = place.arn("ec2", f"instance/{i.instance_id}")
            yield Resource("EC2 instance", i.name or i.instance_id, arn, place.region)


def _databases(place: Place, found: Sequence[rds.DbInstance]) -> Iterable[Resource]:
    for i in found:
        arn = i.db_instance_arn or place.arn("rds", f"db:{i.db_instance_identifier}")
        yield Resource("RDS instance", i.db_instance_identifier, arn, place.region)


def _functions(place: Place, found: Sequence[lambda_.Function]) -> Iterable[Resource]:
    for f in found:
        arn = f.function_arn or place.arn("lambda", f"function:{f.function_name}")
        yield Resource("Lambda function", f.function_name, arn, place.region)


def _clusters(place: Place, found: Sequence[ecs.Cluster]) -> Iterable[Resource]:
    for c in found:
        yield Resource("ECS cluster", c.cluster_name, c.cluster_arn, place.region)


def _tables(place: Place, found: Sequence[str]) -> Iterable[Resource]:
    for name in found:
        arn = place.arn("dynamodb", f"table/{name}")
        yield Resource("DynamoDB table", name, arn, place.region)


def _buckets(place: Place, found: Sequence[s3.Bucket]) -> Iterable[Resource]:
    for bucket in found:
        yield Resource("S3 bucket", bucket.name, f"arn:{place.partition}:s3:::{bucket.name}")


REGIONAL: Mapping[str, tuple[Collector[Any], Reader]] = {
    "ec2": (ec2.instances, _instances),
    "rds": (rds.instances, _databases),
    "lambda": (lambda_.functions, _functions),
    "ecs": (ecs.clusters, _clusters),
    "dynamodb": (dynamodb.tables, _tables),
}

READS: tuple[Collector[Any], ...] = (s3.buckets, *(probe for probe, _ in REGIONAL.values()))


@dataclass(frozen=True)
class Workload:
    """``resources`` match no pattern of the allow-list. ``parts`` are a verdict for each place
    looked at: partial where something runs, unknown where nobody could look."""

    resources: Sequence[Resource]
    parts: Mapping[str, Verdict]

    def __str__(self) -> str:
        return listed(str(resource) for resource in self.resources)

    def problems(self, code: str) -> list[Problem]:
        return [Problem(code, r.arn, str(r), r.region) for r in self.resources]

    def as_facts(self) -> list[dict[str, str]]:
        return [{"kind": r.kind, "name": r.name, "region": r.region} for r in self.resources]


def find_workload(subject: Subject, account_id: str, allowed: Sequence[str]) -> Workload:
    """In any account of the subject's organization; ``allowed`` are glob patterns of names that may
    be there. Resources under an exception of the subject are left out."""
    facts = subject.facts.at(account_id)
    resources: list[Resource] = []
    parts: dict[str, Verdict] = {}

    def look(name: str, read: Reader, region: str, get: Callable[[], Any]) -> None:
        try:
            found = get()
        except Missing as missing:
            # Where a service control policy stops even reading, nothing is in scope.
            if missing.outcome != Outcome.REGION_BLOCKED:
                parts[name] = unknown_for(missing)
            return
        place = Place(account_id, subject.account.partition, region)
        running = [
            r
            for r in read(place, found)
            if not _is_allowed(r.name, allowed) and not subject.is_excepted(r.arn)
        ]
        resources.extend(running)
        parts[name] = partly(f"{len(running)} found.") if running else passed("Nothing found.")

    look("s3", _buckets, "global", facts.observation(s3.buckets).get)
    try:
        regions = facts.regions
    except Missing as missing:
        return Workload(resources, {**parts, "regions": unknown_for(missing)})
    for service, (probe, read) in REGIONAL.items():
        for region in regions:
            look(f"{service} {region}", read, region, facts.observation(probe, region).get)
    return Workload(resources, parts)


def _is_allowed(name: str, allowed: Sequence[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in allowed)
