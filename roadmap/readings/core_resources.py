"""An account's networks, roles, policies, functions, databases and buckets, and which of them were
made from code: they are in a stack, carry the tag of a tool, or the team lists them as what its
state files hold. Pure.

What AWS makes by itself is left out: default VPCs with all that is in them but other security
groups, the groups named default, main route tables, and roles of AWS's services; so are roles that
automation and emergencies have, and what another account shares with this one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from collectors.outcomes import Missing
from collectors.services import cloudformation, ec2, iam, lambda_, rds, s3
from collectors.services import resourcegroupstaggingapi as tagging
from roadmap.readings.gaps import NOTHING_THERE
from roadmap.readings.iam_roles import eligible
from roadmap.readings.workload import Place
from roadmap.subject import Subject

READS = (
    ec2.vpcs,
    ec2.subnets,
    ec2.route_tables,
    ec2.security_groups,
    lambda_.functions,
    rds.instances,
    s3.buckets,
    iam.authorization,
    cloudformation.stacks,
    tagging.tagged,
)


@dataclass(frozen=True)
class Core:
    """``kind`` as the tagging API has it, such as ``ec2:vpc``; ``id`` as CloudFormation has it."""

    kind: str
    id: str
    arn: str
    region: str = "global"
    tag_keys: tuple[str, ...] = ()


@dataclass
class CoreResources:
    """``of_code`` and ``by_hand`` are those that count; ``drifted`` ARNs of stacks."""

    of_code: list[Core] = field(default_factory=list)
    by_hand: list[Core] = field(default_factory=list)
    drifted: list[str] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)
    has_seen: bool = False

    def by_kind(self) -> dict[str, tuple[int, int]]:
        """Kind → how many were made from code, and how many there are."""
        kinds = {core.kind for core in (*self.of_code, *self.by_hand)}
        made = {kind: sum(core.kind == kind for core in self.of_code) for kind in kinds}
        by_hand = {kind: sum(core.kind == kind for core in self.by_hand) for kind in kinds}
        return {kind: (made[kind], made[kind] + by_hand[kind]) for kind in sorted(kinds)}


@dataclass
class _Marks:
    """What stacks hold by kind, and ARNs that tags or the team mark, of all Regions seen."""

    managed: dict[str, set[str]] = field(default_factory=dict)
    from_code: set[str] = field(default_factory=set)
    ignored: set[str] = field(default_factory=set)


def find_core_resources(subject: Subject) -> CoreResources:
    """Raises Missing where not even the Regions are known."""
    found = CoreResources()
    marks = _Marks(from_code=_in_state_files(subject))
    regional: list[Core] = []
    for region in subject.facts.regions:
        try:
            _mark(subject, region, marks, found.drifted)
            regional += _in_region(subject, region)
            found.has_seen = True
        except Missing as missing:
            if missing.outcome not in NOTHING_THERE:
                found.missing.append(missing)
    for core in regional:
        _sort(subject, found, marks, core)
    is_marked_everywhere = not found.missing
    for core in _anywhere(subject, found):
        if is_marked_everywhere or _is_of_code(subject, marks, core):
            _sort(subject, found, marks, core)
    return found


def _in_state_files(subject: Subject) -> set[str]:
    """The ARNs that the team lists, as long as its answer holds."""
    answer = subject.holding("done", "partly")
    return set(answer.details.get("resources") or ()) if answer else set()


def _mark(subject: Subject, region: str, marks: _Marks, drifted: list[str]) -> None:
    tagged = subject.facts.get(tagging.tagged, region)
    stacks = subject.facts.get(cloudformation.stacks, region)
    for kind, ids in stacks.managed.items():
        marks.managed.setdefault(kind, set()).update(_as_compared(kind, one) for one in ids)
    for alike in tagged.sets:
        if _is_any_like(alike.tags.keys, subject.settings["IAC_TAG_KEYS"]):
            marks.from_code.update(alike.arns)
        if _is_any_like(alike.tags.keys, subject.settings["IAC_IGNORE_TAGS"]):
            marks.ignored.update(alike.arns)
    drifted.extend(stacks.drifted)


def _as_compared(kind: str, resource_id: str) -> str:
    """RDS writes names in small letters, whatever the template says."""
    return resource_id.lower() if kind == "rds:db" else resource_id


def _sort(subject: Subject, found: CoreResources, marks: _Marks, core: Core) -> None:
    ignored = subject.settings["IAC_IGNORE_TAGS"]
    is_ignored = core.arn in marks.ignored or _is_any_like(core.tag_keys, ignored)
    if is_ignored or subject.is_excepted(core.arn):
        return
    (found.of_code if _is_of_code(subject, marks, core) else found.by_hand).append(core)


def _is_of_code(subject: Subject, marks: _Marks, core: Core) -> bool:
    return (
        _as_compared(core.kind, core.id) in marks.managed.get(core.kind, ())
        or core.arn in marks.from_code
        or _is_any_like(core.tag_keys, subject.settings["IAC_TAG_KEYS"])
    )


def _is_any_like(keys: Iterable[str], patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(key, pattern) for pattern in patterns for key in keys)


def _in_region(subject: Subject, region: str) -> list[Core]:
    """Raises Missing where any of it was not seen."""
    place = Place(subject.account.account_id, subject.account.partition, region)
    facts = subject.facts
    networks = list(_networks(subject, place))
    functions = [
        Core("lambda:function", f.function_name, f.function_arn, region)
        for f in facts.get(lambda_.functions, region)
    ]
    databases = [
        Core("rds:db", d.db_instance_identifier, d.db_instance_arn, region)
        for d in facts.get(rds.instances, region)
    ]
    return [*networks, *functions, *databases]


def _networks(subject: Subject, place: Place) -> Iterator[Core]:
    facts, region, own = subject.facts, place.region, subject.account.account_id
    vpcs = [
        vpc.vpc_id
        for vpc in facts.get(ec2.vpcs, region)
        if not vpc.is_default and vpc.owner_id in ("", own)
    ]
    for vpc in vpcs:
        yield _of_ec2(place, "vpc", vpc)
    for subnet in facts.get(ec2.subnets, region):
        if subnet.vpc_id in vpcs:
            yield _of_ec2(place, "subnet", subnet.subnet_id)
    for table in facts.get(ec2.route_tables, region):
        if table.vpc_id in vpcs and not table.is_main:
            yield _of_ec2(place, "route-table", table.route_table_id)
    for group in facts.get(ec2.security_groups, region):
        if group.name != "default" and group.owner_id in ("", own):
            yield _of_ec2(place, "security-group", group.group_id)


def _of_ec2(place: Place, kind: str, resource_id: str) -> Core:
    return Core(f"ec2:{kind}", resource_id, place.arn("ec2", f"{kind}/{resource_id}"), place.region)


def _anywhere(subject: Subject, found: CoreResources) -> list[Core]:
    """Buckets, roles and customer managed policies; their stacks may be in any Region."""
    cores: list[Core] = []
    for look in (_buckets, _roles_and_policies):
        try:
            cores += look(subject)
            found.has_seen = True
        except Missing as missing:
            found.missing.append(missing)
    return cores


def _buckets(subject: Subject) -> list[Core]:
    start = f"arn:{subject.account.partition}:s3:::"
    return [
        Core("s3:bucket", bucket.name, f"{start}{bucket.name}", bucket.region or "global")
        for bucket in subject.facts.get(s3.buckets)
    ]


def _roles_and_policies(subject: Subject) -> list[Core]:
    told = subject.facts.get(iam.authorization)
    roles = [
        Core("iam:role", role.name, role.arn, tag_keys=role.tag_keys)
        for role in eligible(subject, told.roles).roles
    ]
    policies = [
        Core("iam:policy", policy.arn, policy.arn)
        for policy in told.policies
        if not policy.is_aws_managed
    ]
    return [*roles, *policies]
