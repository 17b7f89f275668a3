"""Every instance answers metadata requests only with a token, and new ones do so by default.

Reads ``MetadataOptions`` of ec2:DescribeInstances and the account's defaults
(GetInstanceMetadataDefaults), Region by Region, and the guardrail that refuses other launches. A
launch template may loosen what the defaults say unless tokens are enforced; it decides nothing
here, because what it starts is judged itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from collectors.facts import Observation
from collectors.outcomes import Missing, Outcome
from collectors.services import account, autoscaling, ec2, organizations
from roadmap.readings.workload import Place
from roadmap.registry import FindingKind, Fix, Flow, Item
from roadmap.sentences import listed, over_regions
from roadmap.subject import Subject
from roadmap.verdicts import (
    Problem,
    Reason,
    Severity,
    Source,
    Status,
    Verdict,
    each_region,
    failed,
    not_applicable,
    partly,
    passed,
    ratio,
    region_verdict,
    unknown,
)

GUARDRAIL = "surface.scp_imdsv2"
MOST_HOPS = 2


def judge(subject: Subject) -> Verdict:
    instances = subject.facts.by_region(ec2.instances)
    parts = each_region(instances, lambda region: _Region(subject, region).verdict())
    return region_verdict(
        parts,
        over_regions(parts),
        facts={
            "regions": {region: dict(part.facts) for region, part in parts.items()},
            "effective_policy": _effective_policy(subject),
            "guardrail": _guardrail(subject),
        },
        problems=[problem for part in parts.values() for problem in part.problems],
    )


class _Region:
    """What an account has in one Region. Raises Missing where the instances were not seen."""

    def __init__(self, subject: Subject, region: str) -> None:
        self.subject = subject
        self.place = Place(subject.account.account_id, subject.account.partition, region)
        self.instances = [
            instance
            for instance in subject.facts.get(ec2.instances, region)
            if instance.is_there and not subject.is_excepted(self.arn_of(instance))
        ]
        self.loose = [i for i in self.instances if not _requires_tokens(i)]
        self.defaults = subject.facts.observation(ec2.metadata_defaults, region)
        self.templates = subject.facts.observation(ec2.launch_templates, region)
        self.configurations = subject.facts.observation(autoscaling.launch_configurations, region)

    def arn_of(self, instance: ec2.Instance) -> str:
        return self.place.arn("ec2", f"instance/{instance.instance_id}")

    @property
    def requires_by_default(self) -> bool | None:
        """By the guardrail or by the account's defaults; None where either may, but was not
        seen to."""
        guardrail, defaults = _guardrail(self.subject), self.defaults.value
        if guardrail == Status.PASS or (defaults is not None and defaults.requires_tokens):
            return True
        return None if guardrail == Status.UNKNOWN or defaults is None else False

    def verdict(self) -> Verdict:
        more: dict[str, Any] = {"facts": self.facts(), "problems": list(self.problems())}
        seen = (self.templates, self.configurations)
        more["incomplete"] = any(one.outcome not in CONCLUSIVE for one in seen)
        total = len(self.instances)
        if self.loose:
            return self._loose(total, more)
        if self.requires_by_default is None:
            return self._not_told(more)
        if not self.requires_by_default:
            if not total:
                sentence = "No instance, and the default does not require tokens"
                return not_applicable(
                    Reason.NO_RESOURCES, sentence, "no instance, default not set", **more
                )
            sentence = f"{_all(total)} tokens, but the default does not"
            return partly(sentence, "all require tokens, default not set", **more)
        if not total:
            sentence = "No instance, and the default requires tokens"
            return passed(sentence, "no instance, default set", **more)
        sentence = f"{_all(total)} tokens, and so does the default"
        return passed(sentence, "all require tokens, default set", **more)

    def _not_told(self, more: dict[str, Any]) -> Verdict:
        """Raises Missing where the defaults were not seen."""
        self.defaults.get()
        guardrail = self.subject.verdicts[GUARDRAIL]
        sentence = "The default does not require tokens, and what the guardrail refuses is unknown"
        return unknown(
            guardrail.reason or Reason.UNDETERMINED, sentence, "guardrail not known", **more
        )

    def _loose(self, total: int, more: dict[str, Any]) -> Verdict:
        more["incomplete"] = more["incomplete"] or self.requires_by_default is None
        named = listed(i.name or i.instance_id for i in self.loose)
        verb = "answers" if len(self.loose) == 1 else "answer"
        sentence = f"{len(self.loose)} of {total} instances {verb} without a token ({named})"
        least = self.subject.settings["IMDSV2_PARTIAL_PCT"]
        # All good is judged above, so that nothing here can be a pass.
        if ratio(total - len(self.loose), total, 100, least) == Status.PARTIAL:
            return partly(sentence, "nearly all require tokens", **more)
        return failed(sentence, "too many without tokens", **more)

    def problems(self) -> Iterator[Problem]:
        region = self.place.region
        for instance in self.loose:
            yield Problem(
                "imdsv1_instance",
                self.arn_of(instance),
                instance.name,
                region,
                f"Started from {instance.launch_template}." if instance.launch_template else "",
                severity=Severity.HIGH if instance.has_profile else None,
            )
        for instance in self.instances:
            if (instance.hop_limit or 0) > MOST_HOPS and instance.http_endpoint != "disabled":
                detail = f"Answers travel {instance.hop_limit} hops."
                arn = self.arn_of(instance)
                yield Problem("imds_hop_limit", arn, instance.name, region, detail)
        if self.requires_by_default is False and self.starts_instances():
            yield Problem("imdsv2_default_off", region=region)
            yield from self._templates()
        for configuration in _seen(self.configurations):
            if not configuration.requires_tokens:
                yield Problem(
                    "launch_configuration_imdsv1", configuration.arn, configuration.name, region
                )

    def starts_instances(self) -> bool:
        """Where nothing runs and nothing is set up to run, the default is nobody's finding."""
        return bool(self.instances or _seen(self.templates) or _seen(self.configurations))

    def _templates(self) -> Iterator[Problem]:
        loose = [version for version in _seen(self.templates) if not version.requires_tokens]
        for template in dict.fromkeys(version.launch_template_id for version in loose):
            versions = [v for v in loose if v.launch_template_id == template]
            numbers = listed(f"{v.number} (default)" if v.is_default else f"{v.number}"
                             for v in versions)  # fmt: skip
            yield Problem(
                "launch_template_imdsv1",
                self.place.arn("ec2", f"launch-template/{template}"),
                versions[0].name,
                self.place.region,
                f"Version {numbers}.",
            )

    def facts(self) -> dict[str, Any]:
        states: dict[str, int] = {}
        for instance in self.instances:
            states[instance.state] = states.get(instance.state, 0) + 1
        defaults = self.defaults.value
        return {
            "instances": states,
            "without_tokens": {i.instance_id: i.launch_template for i in self.loose},
            "defaults": asdict(defaults) if defaults is not None else None,
        }


CONCLUSIVE = (Outcome.COLLECTED, Outcome.SERVICE_UNAVAILABLE)


def _requires_tokens(instance: ec2.Instance) -> bool:
    return instance.http_tokens == "required" or instance.http_endpoint == "disabled"


def _all(total: int) -> str:
    return "The only instance requires" if total == 1 else f"All {total} instances require"


def _seen(observation: Observation[Any]) -> Sequence[Any]:
    """What there is, as far as anybody looked."""
    return observation.value or ()


def _guardrail(subject: Subject) -> Status | None:
    verdict = subject.verdicts.get(GUARDRAIL)
    return verdict.status if verdict else None


def _effective_policy(subject: Subject) -> Any:
    """What the organization declares, as it reaches the account. The defaults show its effect."""
    try:
        policies = subject.facts.get(organizations.effective_policies)
        content = policies.content(organizations.DECLARATIVE_POLICY_EC2) or {}
    except Missing:
        return None
    return (content.get("ec2_attributes") or {}).get("instance_metadata_defaults")


item = Item(
    __name__,
    order="6.3",
    title="IMDSv2 enforced on all EC2 instances",
    guidance=(
        "Through a flaw in a web application, an intruder lets the instance fetch its own "
        "credentials; a required token stops that. Existing instances are changed one by one, new"
        " ones by the account's default in each Region."
    ),
    scope="resource → region → account",
    flow=Flow.LOCAL,
    sources=(Source.AUTOMATIC, Source.IMPORTED),
    judge=judge,
    reads=(
        ec2.instances,
        ec2.metadata_defaults,
        ec2.launch_templates,
        autoscaling.launch_configurations,
        organizations.effective_policies,
        account.regions,
    ),
    findings={
        "imdsv1_instance": FindingKind("Instance answers without token", Severity.MEDIUM),
        "imdsv2_default_off": FindingKind("Default does not require tokens", Severity.MEDIUM),
        "launch_template_imdsv1": FindingKind(
            "Launch template does not require tokens", Severity.MEDIUM
        ),
        "launch_configuration_imdsv1": FindingKind(
            "Launch configuration does not require tokens", Severity.MEDIUM
        ),
        "imds_hop_limit": FindingKind("Hop limit above 2", Severity.INFO),
    },
    imports={
        "prowler": (
            "ec2_instance_imdsv2_enabled",
            "ec2_instance_account_imdsv2_enabled",
            "ec2_launch_template_imdsv2_required",
            "autoscaling_group_launch_configuration_requires_imdsv2",
        ),
        "securityhub": ("EC2.8", "AutoScaling.3"),
        "cloudmapper": ("EC2_IMDSV2_NOT_ENFORCED",),
    },
    fix=Fix(
        (
            "Set the account default to required and enforce it, then change the instances that "
            "are left."
        ),
        "Transition to using Instance Metadata Service Version 2",
    ),
    source_url="https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-transition-to-version-2.html",
)
