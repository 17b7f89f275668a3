"""Run as a program: collect the first accounts in a fresh process and print its peak memory in MiB.

``bench.collecting`` starts it, on the database and the simulated AWS of its own run.
"""

from __future__ import annotations

import sys
from pathlib import Path

import django

django.setup()

from bench.collecting import collect, without_quotas  # noqa: E402  (apps first)
from bench.hooks import without_judging  # noqa: E402  (the same)
from inventory.models import Account  # noqa: E402  (the same)


def main() -> None:
    members = Account.objects.order_by("account_id").values_list("account_id", flat=True)
    with without_quotas(), without_judging():
        collect(*members[: int(sys.argv[1])])
    sys.stdout.write(str(peak_memory()))


def peak_memory() -> float:
    """MiB of this process since it began; what getrusage says includes the parent's at the fork."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(status["VmHWM"].split()[0]) / 1024


if __name__ == "__main__":
    main()
