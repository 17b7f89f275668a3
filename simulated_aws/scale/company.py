"""The uniform company: a management account, a security account, and the rest in fifty units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

FIRST_ACCOUNT: Final = 100000000000
UNITS: Final = 50
ORGANIZATION: Final = "o-scale00000"
ROOT: Final = "r-scal"
REGIONS: Final = ("us-east-1", "eu-west-1")
ROLE: Final = "CairnReadOnly"
JOINED: Final = datetime(2024, 1, 15, tzinfo=UTC)


def account_at(position: int) -> str:
    return str(FIRST_ACCOUNT + position)


MANAGEMENT: Final = account_at(0)
SECURITY: Final = account_at(1)
COLLECTOR_ARN: Final = f"arn:aws:iam::{SECURITY}:user/cairn-collector"


def access_key(account: str, kind: str = "ASIA") -> str:
    return f"{kind}{account}FAKE"


def account_of(access_key_id: str) -> str:
    return access_key_id[4:16]


@dataclass(frozen=True)
class Company:
    size: int

    @staticmethod
    def account(position: int) -> dict[str, Any]:
        account = account_at(position)
        return {
            "Id": account,
            "Arn": f"arn:aws:organizations::{MANAGEMENT}:account/{ORGANIZATION}/{account}",
            "Name": f"account-{position:05d}",
            "Email": f"aws+{position:05d}@example.com",
            "State": "ACTIVE",
            "JoinedMethod": "CREATED",
            "JoinedTimestamp": JOINED,
        }

    def positions_in(self, parent: str) -> Sequence[int]:
        """Positions of the accounts directly below a parent; only the first is at the root."""
        if parent == ROOT:
            return [0]
        unit = int(parent[-8:])
        return range(unit or UNITS, self.size, UNITS)

    @staticmethod
    def units() -> list[dict[str, Any]]:
        return [
            {
                "Id": unit_id(number),
                "Arn": f"arn:aws:organizations::{MANAGEMENT}:ou/{ORGANIZATION}/{unit_id(number)}",
                "Name": f"Unit {number:02d}",
            }
            for number in range(UNITS)
        ]

    def described(self) -> dict[str, Any]:
        """What the other worlds say under /_sim/world, as far as it is true of this one."""
        return {
            "world": f"{self.size} uniform accounts",
            "organization_id": ORGANIZATION,
            "management_account": MANAGEMENT,
            "management_role_arn": f"arn:aws:iam::{MANAGEMENT}:role/CairnManagement",
            "member_role_name": ROLE,
            "external_id": "scale",
            "collector": {
                "AccessKeyId": access_key(SECURITY, "AKIA"),
                "SecretAccessKey": "scale",
                "Arn": COLLECTOR_ARN,
            },
            "operator": {
                "AccessKeyId": access_key(MANAGEMENT, "AKIA"),
                "SecretAccessKey": "scale",
                "Arn": f"arn:aws:iam::{MANAGEMENT}:user/operator",
            },
            "regions": list(REGIONS),
            "settings": {
                "COMPANY_EMAIL_DOMAINS": ["example.com"],
                "SECURITY_ACCOUNTS": {SECURITY: ["tooling", "log_archive"]},
            },
        }


def unit_id(number: int) -> str:
    return f"ou-{ROOT.removeprefix('r-')}-{number:08d}"
