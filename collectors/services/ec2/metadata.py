"""Amazon EC2: how instances started tomorrow will answer metadata requests.

By the account's defaults in a Region, and by launch templates, which win over them unless tokens
are enforced. User data of templates is never kept.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetInstanceMetadataDefaults.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collectors.registry import Collector, Operation, Reach, Scope
from collectors.services.autoscaling import DESCRIBE_GROUPS

if TYPE_CHECKING:
    from collectors.aws import Aws

Answer = Mapping[str, Any]

GET_METADATA_DEFAULTS = Operation(
    "ec2", "get_instance_metadata_defaults", "ec2:GetInstanceMetadataDefaults"
)
DESCRIBE_LAUNCH_TEMPLATES = Operation(
    "ec2", "describe_launch_templates", "ec2:DescribeLaunchTemplates", "LaunchTemplates"
)
DESCRIBE_LAUNCH_TEMPLATE_VERSIONS = Operation(
    "ec2",
    "describe_launch_template_versions",
    "ec2:DescribeLaunchTemplateVersions",
    "LaunchTemplateVersions",
)

GONE = ("InvalidLaunchTemplateId.NotFound", "InvalidLaunchTemplateId.VersionNotFound")
ENABLED = "enabled"
REQUIRED = "required"
DEFAULT = "$Default"


@dataclass(frozen=True)
class MetadataDefaults:
    """AWS's words; empty where the account prefers nothing, so that the image and AWS decide."""

    http_tokens: str = ""
    http_tokens_enforced: str = ""
    http_endpoint: str = ""
    hop_limit: int | None = None
    managed_by: str = ""

    @property
    def requires_tokens(self) -> bool:
        return self.http_tokens == REQUIRED

    @property
    def enforces_tokens(self) -> bool:
        return self.requires_tokens and self.http_tokens_enforced == ENABLED


@dataclass(frozen=True)
class TemplateVersion:
    """A version of a launch template that is its default or that Auto Scaling starts from."""

    launch_template_id: str
    name: str = ""
    number: int = 0
    is_default: bool = False
    http_tokens: str = ""
    http_endpoint: str = ""

    @property
    def requires_tokens(self) -> bool:
        return self.http_tokens == REQUIRED or self.http_endpoint == "disabled"


def _defaults(answer: Answer | None) -> MetadataDefaults:
    level = (answer or {}).get("AccountLevel") or {}
    return MetadataDefaults(
        http_tokens=level.get("HttpTokens") or "",
        http_tokens_enforced=level.get("HttpTokensEnforced") or "",
        http_endpoint=level.get("HttpEndpoint") or "",
        hop_limit=level.get("HttpPutResponseHopLimit"),
        managed_by=level.get("ManagedBy") or "",
    )


def _fetch_templates(aws: Aws) -> list[Any]:
    """The default versions of all templates, and those that groups name by number."""
    templates = aws.pages(DESCRIBE_LAUNCH_TEMPLATES, IncludeManagedResources=True)
    if not templates:
        return []
    found = aws.pages(DESCRIBE_LAUNCH_TEMPLATE_VERSIONS, Versions=[DEFAULT]) or []
    groups = aws.pages(DESCRIBE_GROUPS) or []
    for template, versions in sorted(_used(templates, groups).items()):
        found += (
            aws.pages(
                DESCRIBE_LAUNCH_TEMPLATE_VERSIONS,
                absent=GONE,
                LaunchTemplateId=template,
                Versions=sorted(versions),
            )
            or []
        )
    return found


def _used(templates: Iterable[Answer], groups: Iterable[Answer]) -> dict[str, set[str]]:
    """Launch template id → the versions in use besides its default, as text."""
    defaults = {t.get("LaunchTemplateId"): str(t.get("DefaultVersionNumber")) for t in templates}
    used: dict[str, set[str]] = {}
    for named in _specifications(groups):
        template = named.get("LaunchTemplateId") or ""
        version = named.get("Version") or DEFAULT
        if template in defaults and version not in (DEFAULT, defaults[template]):
            used.setdefault(template, set()).add(version)
    return used


def _specifications(groups: Iterable[Answer]) -> Iterator[Answer]:
    for group in groups:
        mixed = (group.get("MixedInstancesPolicy") or {}).get("LaunchTemplate") or {}
        yield group.get("LaunchTemplate") or {}
        yield mixed.get("LaunchTemplateSpecification") or {}
        for override in mixed.get("Overrides") or ():
            yield override.get("LaunchTemplateSpecification") or {}


def _template_versions(answers: Iterable[Answer]) -> tuple[TemplateVersion, ...]:
    found = {}
    for answer in answers:
        version = _version(answer)
        if version.launch_template_id:
            found[version.launch_template_id, version.number] = version
    return tuple(found.values())


def _version(answer: Answer) -> TemplateVersion:
    options = (answer.get("LaunchTemplateData") or {}).get("MetadataOptions") or {}
    return TemplateVersion(
        answer.get("LaunchTemplateId") or "",
        answer.get("LaunchTemplateName") or "",
        answer.get("VersionNumber") or 0,
        answer.get("DefaultVersion") is True,
        options.get("HttpTokens") or "",
        options.get("HttpEndpoint") or "",
    )


metadata_defaults = Collector(
    "ec2.metadata_defaults",
    MetadataDefaults,
    Scope.ACCOUNT,
    Reach.REGIONAL,
    (GET_METADATA_DEFAULTS,),
    lambda aws: aws.call(GET_METADATA_DEFAULTS),
    _defaults,
)

launch_templates: Collector[tuple[TemplateVersion, ...]] = Collector(
    "ec2.launch_templates",
    tuple[TemplateVersion, ...],
    Scope.ACCOUNT,
    Reach.REGIONAL,
    (DESCRIBE_LAUNCH_TEMPLATES, DESCRIBE_LAUNCH_TEMPLATE_VERSIONS, DESCRIBE_GROUPS),
    _fetch_templates,
    _template_versions,
)
