"""Prowler OCSF files of any size, as a company's scans would fill them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

REGIONS = ("eu-west-1", "eu-central-1", "us-east-1", "us-west-2", "ap-southeast-2", "global")
CHECKS = 500
PADDING = "Prowler writes the same remediation and compliance texts with every result. " * 14


def write(path: Path, size: int, accounts: Sequence[str], *, checks: int = CHECKS) -> int:
    """Write at least ``size`` bytes, and how many results that is. A tenth of them fail."""
    number = written = 0
    with path.open("w") as file:
        file.write("[")
        while written < size:
            text = ("," if number else "") + json.dumps(_record(number, accounts, checks))
            written += file.write(text)
            number += 1
        file.write("]")
    return number


def _record(number: int, accounts: Sequence[str], checks: int) -> dict[str, Any]:
    check = number % checks
    account = accounts[(number // checks) % len(accounts)]
    region = REGIONS[number % len(REGIONS)]
    return {
        "message": f"Resource {number} is not as check {check} wants it.",
        "metadata": {
            "event_code": f"check_{check}",
            "product": {"name": "Prowler", "vendor_name": "Prowler", "version": "5.4.0"},
            "version": "1.4.0",
        },
        "severity": ("Low", "Medium", "High", "Critical")[check % 4],
        "status": "New",
        "status_code": "PASS" if number % 10 else "FAIL",
        "finding_info": {"title": f"Resources are as check {check} wants them", "desc": PADDING},
        "resources": [
            {
                "uid": f"arn:aws:ec2:{region}:{account}:instance/i-{number:017x}",
                "region": region,
                "name": f"i-{number:017x}",
                "data": {"details": "", "metadata": {"tags": [], "note": PADDING[:400]}},
            }
        ],
        "class_name": "Detection Finding",
        "class_uid": 2004,
        "cloud": {"provider": "aws", "account": {"uid": account}, "region": region},
        "time_dt": "2026-11-20T08:00:00",
        "unmapped": {"scan_id": "bench"},
    }
