"""Peak memory of importing a scanner's file, which its size must not move."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from bench import scanner_file
from bench.measuring import once
from bench.report import Measure
from inventory.models import Account

SMALL, LARGE = 5, 500  # MB
ACCOUNTS = 50


def measure() -> Iterator[Measure]:
    accounts = [f"{700000000000 + number}" for number in range(ACCOUNTS)]
    Account.objects.bulk_create([Account(account_id=account_id) for account_id in accounts])
    small, large = (_written(megabytes, accounts) for megabytes in (SMALL, LARGE))
    peaks: list[float] = []
    floor = _peak(small)
    spent = once(lambda: peaks.append(_peak(large)))
    yield Measure(
        "", f"importing an OCSF file of {LARGE} MB, peak memory", peaks[0], "MiB", floor,
        at_most=1.5, ceiling=200,
        notes=f"the floor is the peak with a file of {SMALL} MB; it took {spent.wall:.0f} s",
        cause="Counts per account, check and Region are kept, and grow with their number",
    )  # fmt: skip


def _written(megabytes: int, accounts: list[str]) -> Path:
    path = Path(settings.DATA_DIR) / f"scan-{megabytes}.ocsf.json"
    scanner_file.write(path, megabytes * 10**6, accounts)
    return path


def _peak(path: Path) -> float:
    done = subprocess.run(  # noqa: S603  (our own interpreter and module)
        [sys.executable, "-m", "bench.one_upload", str(path)],
        stdout=subprocess.PIPE,
        check=True,
        env=os.environ | {"MALLOC_ARENA_MAX": "2"},  # As the image and `make run` set it.
    )
    return float(done.stdout)
