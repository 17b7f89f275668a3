"""The company's thresholds: what may be set, where, and what holds for one account.

Section C of the evidence rules. A value is taken from the account, else from its classes, else
from the nearest OU, else the organization, else the installation, else the default here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from inventory.models import PolicySetting

Level = PolicySetting.Level


@dataclass(frozen=True)
class Setting:
    """``levels`` are the narrower levels at which it may be set besides organization and
    installation; ``strictest`` chooses among the values of several classes."""

    name: str
    default: Any
    help: str
    levels: frozenset[Level] = frozenset()
    strictest: Callable[[Collection[Any]], Any] = min

    @property
    def kind(self) -> type:
        return type(self.default)


def _named(*settings: Setting) -> Mapping[str, Setting]:
    return {setting.name: setting for setting in settings}


CLASS = frozenset({Level.CLASS, Level.ACCOUNT})
CLASS_AND_OU = CLASS | {Level.OU}

SETTINGS: Mapping[str, Setting] = _named(
    Setting("RATE_ORGANIZATIONS_TPS", 4, "Calls a second to AWS Organizations, per organization."),
    Setting("RATE_IAM_TPS", 8, "Calls a second to IAM, per account."),
    Setting("RATE_DEFAULT_TPS", 10, "Calls a second to any other API, per account and Region."),
    Setting("COST_REFRESH_HOURS", 24, "Hours between calls to Cost Explorer, which AWS bills."),
    Setting("JOB_TIMEOUT_SECONDS", 120, "How long to wait for a report that AWS prepares."),
    Setting("EVIDENCE_MAX_AGE_HOURS", 72, "Evidence older than this no longer decides anything."),
    Setting("EVIDENCE_LIST_LIMIT", 500, "Longest list kept in an evidence record."),
    Setting("REGION_SCOPE", "effective", "Regions looked at: effective, approved or all."),
    Setting("APPROVED_REGIONS", [], "Regions the company uses.", CLASS_AND_OU),
    Setting("ATTESTATION_MAX_DAYS", 400, "Longest time an attestation may hold."),
    Setting("ATTESTATION_REMIND_DAYS", 30, "Days before expiry at which its author is reminded."),
    Setting("IMPORT_FALLBACK_DAYS", 14, "How new a scan must be to stand in for denied access."),
    Setting("COMPANY_EMAIL_DOMAINS", [], "Mail domains of the company."),
    Setting("OWNER_CONFIRM_DAYS", 365, "Days after which an owner confirms an account again."),
    Setting("OWNER_TAG_KEYS", ["owner", "team"], "Organizations tags that may name the owner."),
    Setting("REQUIRE_SECURITY_CONTACT", True, "Whether each account needs a security contact."),
    Setting(
        "MANAGEMENT_RESOURCE_ALLOWLIST",
        ["aws-controltower-*", "stacksets-*", "cf-templates-*", "aws-cloudtrail-logs-*"],
        "Names of resources that may be in the management account.",
    ),
    Setting(
        "ROOT_EMAIL_LIST_PATTERNS", [], "Regular expressions of root addresses that are lists."
    ),
    Setting("AI_OPTIN_ALLOWED", [], "AI services that may use content to improve themselves."),
    Setting("SECURITY_ACCOUNTS", {}, "Account id → roles: tooling, log_archive, backup."),
    Setting(
        "SECURITY_SERVICE_PRINCIPALS",
        [
            f"{name}.amazonaws.com"
            for name in (
                "guardduty",
                "access-analyzer",
                "securityhub",
                "config",
                "config-multiaccountsetup",
                "macie",
                "inspector2",
                "detective",
                "cloudtrail",
                "securitylake",
            )
        ],
        "Services whose delegated administrator makes an account a security account.",
    ),
    Setting(
        "SECURITY_RESOURCE_ALLOWLIST",
        [
            "aws-controltower-*",
            "*cloudtrail*",
            "*config*",
            "*log*",
            "*securityhub*",
            "*guardduty*",
            "*siem*",
        ],
        "Names of resources that may be in a security account.",
    ),
    Setting("COST_ALARM_MODE", "any", "Cost alarms that count: any, budget or anomaly.", CLASS),
    Setting("TRAIL_DELIVERY_MAX_HOURS", 24, "Hours after which a silent trail is broken."),
    Setting("SECURITY_ROLE_NAMES", ["CairnReadOnly", "SecurityAudit"], "Names of the view role."),
    Setting(
        "SECURITY_ROLE_POLICIES", ["SecurityAudit", "ViewOnlyAccess"], "Policies the role needs."
    ),
    Setting("SECURITY_ROLE_FAIL_AFTER_DAYS", 3, "Days of refused access after which it fails."),
    Setting(
        "SOFT_TARGET_PORTS",
        [
            21,
            22,
            23,
            25,
            111,
            135,
            139,
            389,
            445,
            636,
            873,
            1433,
            1434,
            1521,
            2049,
            2181,
            2375,
            2376,
            2483,
            3306,
            3389,
            5432,
            5439,
            5601,
            5672,
            5900,
            5984,
            5985,
            6379,
            6443,
            7001,
            7199,
            8020,
            8086,
            8888,
            9000,
            9042,
            9092,
            9160,
            9200,
            9300,
            10250,
            11211,
            15672,
            27017,
            27018,
            50070,
        ],
        "Ports that must not be open to the internet.",
    ),
    Setting("S3_PUBLIC_ACCOUNTS", [], "Accounts that serve public buckets on purpose."),
    Setting("BASELINE_STACKSETS", [], "Names of the stack sets that every account gets."),
    Setting("BASELINE_REGIONS", ["us-east-1"], "Regions of the stack sets."),
    Setting(
        "TICKET_TEST_DAYS", 180, "Days after which the way from alert to ticket is tested again."
    ),
    Setting("ALERT_TEST_DAYS", 180, "Days after which alerting is tested again."),
    Setting("GUIDELINE_REVIEW_DAYS", 365, "Days after which the guidelines are reviewed again."),
    Setting(
        "SECRET_HOOK_REVIEW_DAYS", 180, "Days after which secret detection is confirmed again."
    ),
    Setting("HONEY_TOKEN_TEST_DAYS", 180, "Days after which honey tokens are tested again."),
    Setting("PRACTICE_MAX_DAYS", 365, "Days after which incident response is practised again."),
)


@dataclass(frozen=True)
class Place:
    """Where an account stands: what a setting is resolved for. OUs from the root down."""

    account: str = ""
    classes: Sequence[str] = ()
    ous: Sequence[str] = ()
    organization: str = ""


@dataclass(frozen=True)
class Resolved:
    value: Any
    level: str
    target: str = ""


@dataclass(frozen=True)
class Policy:
    """All values that are set, loaded once; ``at`` resolves them for a place."""

    rows: Mapping[tuple[str, str, str], Any] = field(default_factory=dict)

    def resolve(self, name: str, place: Place) -> Resolved:
        """Raises KeyError for a name that is no setting."""
        setting = SETTINGS[name]
        if (name, Level.ACCOUNT, place.account) in self.rows:
            return self._found(name, Level.ACCOUNT, place.account)
        by_class = {
            c: self.rows[name, Level.CLASS, c]
            for c in place.classes
            if (name, Level.CLASS, c) in self.rows
        }
        if by_class:
            value = setting.strictest(by_class.values()) if len(by_class) > 1 else None
            value = next(iter(by_class.values())) if value is None else value
            return Resolved(value, Level.CLASS, next(c for c in by_class if by_class[c] == value))
        for level, target in (
            *((Level.OU, ou) for ou in reversed(place.ous)),
            (Level.ORGANIZATION, place.organization),
            (Level.INSTALLATION, ""),
        ):
            if (name, level, target) in self.rows:
                return self._found(name, level, target)
        return Resolved(setting.default, "default")

    def _found(self, name: str, level: Level, target: str) -> Resolved:
        return Resolved(self.rows[name, level, target], level, target)

    def at(self, place: Place) -> Values:
        return Values(self, place)


@dataclass(frozen=True)
class Values:
    """The settings as one account sees them; ``values["REGION_SCOPE"]``."""

    policy: Policy
    place: Place = Place()

    def __getitem__(self, name: str) -> Any:
        return self.policy.resolve(name, self.place).value


def load_policy() -> Policy:
    """One query. A row without a value is one that was set back."""
    rows = PolicySetting.objects.values_list("name", "level", "target", "value")
    return Policy(
        {(name, level, target): value for name, level, target, value in rows if value is not None}
    )
