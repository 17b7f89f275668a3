"""Requests that a guardrail ought to stop, and who makes them: 11.3 of the evidence rules. Pure.

A resource is written without ``arn:{p}:``; {p}, {a} and {r} stand for partition, account and
Region. Each request is made without MFA and with it, and counts as denied only if both are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from roadmap.guardrails.conditions import MFA
from roadmap.guardrails.evaluation import ALLOWED, Chain, Decision, Effect, Request

MAIN_REGION = {"aws": "us-east-1", "aws-us-gov": "us-gov-west-1", "aws-cn": "cn-north-1"}
ACCELERATOR_REGION = "us-west-2"
GLOBAL_SERVICES = ("iam", "organizations", "account", "globalaccelerator")
GLOBAL_ACTIONS = ("s3:ListAllMyBuckets",)
UNNAMED_SSO_REGION = "us-east-1"  # left out of the names of Identity Center's roles
# A moment for policies that ask for none, so that answers can be remembered.
SOME_TIME = datetime.fromisoformat("2026-01-01T00:00:00+00:00")
CLOCK = frozenset({"aws:currenttime", "aws:epochtime"})


@dataclass(frozen=True)
class Place:
    """Where requests are made. ``path`` leads from the organization to the account's OU, as
    aws:PrincipalOrgPaths has it; ``sso_region`` is Identity Center's, empty where nobody saw it."""

    account: str
    partition: str = "aws"
    organization: str = ""
    path: str = ""
    sso_region: str = ""
    now: datetime = SOME_TIME

    @property
    def main_region(self) -> str:
        return MAIN_REGION.get(self.partition, MAIN_REGION["aws"])

    def arn(self, template: str, region: str = "") -> str:
        if template == "*":
            return template
        full = template if template.startswith("arn:") else f"arn:{{p}}:{template}"
        values = {"{p}": self.partition, "{a}": self.account, "{r}": region or self.main_region}
        for name, value in values.items():
            full = full.replace(name, value)
        return full


@dataclass(frozen=True)
class Principal:
    """``name`` is that of the evidence rules, or an ARN; ``user_id`` as aws:userid has it."""

    name: str
    arn: str  # a template
    type: str
    user_id: str


def role(arn: str, name: str = "") -> Principal:
    session = arn.rpartition("/")[2] or "cairn-probe"
    return Principal(name or arn, arn, "AssumedRole", f"AROACAIRNPROBE000000:{session}")


P1 = role("iam::{a}:role/cairn-probe", "P1")
P2 = Principal("P2", "iam::{a}:user/cairn-probe", "User", "AIDACAIRNPROBE000000")
ROOT = Principal("R", "iam::{a}:root", "Account", "{a}")
_SSO = "iam::{a}:role/aws-reserved/sso.amazonaws.com/"
_ADMINISTRATOR = "AWSReservedSSO_AdministratorAccess_0123456789abcdef"


def sso_administrator(place: Place) -> Principal:
    """P3: shows whether administrators of Identity Center are let off."""
    is_named = place.sso_region not in ("", UNNAMED_SSO_REGION)
    region = f"{place.sso_region}/" if is_named else ""
    return role(f"{_SSO}{region}{_ADMINISTRATOR}", "P3")


WHO = {
    "P1": "an ordinary role",
    "P2": "an IAM user",
    "P3": "an Identity Center administrator",
    "R": "the root user",
}


@dataclass(frozen=True)
class Probe:
    """``keys`` are the context keys that it brings along, in lower case."""

    action: str
    resources: tuple[str, ...]
    keys: tuple[tuple[str, str], ...] = ()

    @property
    def service(self) -> str:
        return self.action.partition(":")[0]

    @property
    def is_global(self) -> bool:
        return self.service in GLOBAL_SERVICES or self.action in GLOBAL_ACTIONS

    def region(self, place: Place, region: str) -> str:
        """aws:RequestedRegion."""
        if self.service == "globalaccelerator":
            return ACCELERATOR_REGION
        return place.main_region if self.is_global else region


def probe(
    action: str, *resources: str, keys: Mapping[str, str] | Sequence[tuple[str, str]] = ()
) -> Probe:
    found = keys.items() if isinstance(keys, Mapping) else keys
    lowered = tuple((key.lower(), value) for key, value in found)
    return Probe(action, resources or ("*",), lowered)


@dataclass(frozen=True, slots=True)
class Answer:
    """What becomes of a probe; ``region`` is empty for a global service. ``bypasses_mfa``: only
    one of the two variants is denied."""

    probe: Probe
    principal: str
    region: str
    decision: Decision
    bypasses_mfa: bool = False

    @property
    def is_denied(self) -> bool:
        return self.decision.effect == Effect.DENY

    @property
    def is_undetermined(self) -> bool:
        return self.decision.effect == Effect.UNDETERMINED

    @property
    def is_allowed(self) -> bool:
        return self.decision.effect == Effect.ALLOW


def ask(
    chain: Chain,
    place: Place,
    probes: Sequence[Probe],
    principals: Sequence[Principal],
    regions: Sequence[str] = (),
) -> tuple[Answer, ...]:
    """An answer for every probe, principal and Region; a global service is asked once. Remembered
    with the chain, so accounts of which no policy can tell one from another cost one evaluation.
    """
    asked = (place, tuple(probes), tuple(principals), tuple(regions))
    known = chain.memory.get(asked)
    if known is None:
        known = tuple(answers_to(chain, *asked))
        chain.remember(asked, known)
    return known


def answers_to(
    chain: Chain,
    place: Place,
    probes: Sequence[Probe],
    principals: Sequence[Principal],
    regions: Sequence[str],
) -> Iterator[Answer]:
    """As ``ask``, one by one and not remembered."""
    contexts: dict[tuple[Principal, str], dict[str, tuple[str, ...]]] = {}
    for one in probes:
        for region in ("",) if one.is_global else regions:
            requested = one.region(place, region)
            resources = tuple(place.arn(template, requested) for template in one.resources)
            for principal in principals:
                context = contexts.get((principal, requested))
                if context is None:
                    context = _context(place, principal, requested)
                    contexts[principal, requested] = context
                if one.keys:
                    context = {**context, **_brought(one, place)}
                request = Request(one.action, resources, context)
                decision, bypasses = _in_both_variants(chain, request)
                yield Answer(one, principal.name, region, decision, bypasses)


def _brought(one: Probe, place: Place) -> Mapping[str, tuple[str, ...]]:
    """The keys of a probe; one that occurs several times has several values."""
    found: dict[str, tuple[str, ...]] = {}
    for key, value in one.keys:
        found[key] = (*found.get(key, ()), place_in(place, value))
    return found


def place_in(place: Place, text: str) -> str:
    return text.replace("{a}", place.account).replace("{p}", place.partition)


def _in_both_variants(chain: Chain, request: Request) -> tuple[Decision, bool]:
    without = chain.decide(request)
    if MFA not in chain.keys:
        return without, False
    with_mfa = chain.decide(
        Request(request.action, request.resources, {**request.context, MFA: ("true",)})
    )
    effects = {without.effect, with_mfa.effect}
    if Effect.ALLOW in effects:
        return ALLOWED, Effect.DENY in effects
    return (without if without.effect == Effect.UNDETERMINED else with_mfa), False


def _context(place: Place, principal: Principal, region: str) -> dict[str, tuple[str, ...]]:
    now = place.now
    return {
        "aws:principalarn": (place.arn(principal.arn),),
        "aws:principalaccount": (place.account,),
        "aws:principaltype": (principal.type,),
        "aws:principalorgid": (place.organization,),
        "aws:principalorgpaths": (place.path,),
        "aws:userid": (place_in(place, principal.user_id),),
        "aws:requestedregion": (region,),
        "aws:resourceaccount": (place.account,),
        "aws:resourceorgid": (place.organization,),
        "aws:securetransport": ("true",),
        "aws:sourceip": ("198.51.100.7",),
        "aws:currenttime": (now.isoformat(),),
        "aws:epochtime": (str(int(now.timestamp())),),
        "aws:viaawsservice": ("false",),
        "aws:principalisawsservice": ("false",),
    }


OF_SIGNED_IN = (
    "aws:principalarn",
    "aws:principalaccount",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:userid",
)


def anonymous_read(chain: Chain, place: Place, bucket: str, region: str) -> Decision:
    """11.6: whether resource control policies stop everybody from reading a bucket."""
    # What only somebody signed in has: empty is how a key is told to be absent.
    known = {**_context(place, P1, region), **dict.fromkeys(OF_SIGNED_IN, ())}
    known["aws:principaltype"] = ("Anonymous",)
    resource = place.arn(f"s3:::{bucket}/cairn-probe")
    return chain.decide(Request("s3:GetObject", (resource,), known))


def demands_tags(
    chain: Chain, place: Place, tags: Mapping[str, Sequence[str]], regions: Sequence[str]
) -> bool:
    """11.7: whether an instance can be started with the required tags, and not without them."""
    if not tags or not regions:
        return False
    instance = "ec2:{r}:{a}:instance/*"
    keys = [
        (f"aws:RequestTag/{key}", (values or ["cairn-probe"])[0]) for key, values in tags.items()
    ]
    keys += [("aws:TagKeys", key) for key in tags]
    bare, tagged = (
        probe("ec2:RunInstances", instance),
        probe("ec2:RunInstances", instance, keys=keys),
    )
    without = ask(chain, place, [bare], [P1], regions)
    with_tags = ask(chain, place, [tagged], [P1], regions)
    return all(a.is_denied for a in without) and all(a.is_allowed for a in with_tags)
