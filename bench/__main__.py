"""`make bench`: measure everything, or with ``--only`` some of it, and print one table.

Missed targets are named and the exit status is 0 all the same: a number is no failure.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from bench.report import Measure, write

# Names of one group share an installation: judging follows the pages on the same company,
# and findings come last, since they add a million.
GROUPS = (
    ("clients",),
    ("imports",),
    ("uploads",),
    ("collecting",),
    ("pages", "judging", "findings"),
    ("guardrails",),
)
NAMES = [name for group in GROUPS for name in group]
ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", choices=NAMES, action="append", help="repeatable")
    chosen = parser.parse_args().only or NAMES
    begun = time.monotonic()
    measures: list[Measure] = []
    for group in GROUPS:
        if names := [name for name in group if name in chosen]:
            sys.stderr.write(f"Measuring {' and '.join(names)}.\n")
            measures += _measured(names)
    write(measures, sys.stdout)
    sys.stderr.write(f"Took {time.monotonic() - begun:.0f} s.\n")


def _measured(names: Sequence[str]) -> Iterator[Measure]:
    """Measures of a process of its own, with a Cairn of its own."""
    process = subprocess.Popen(  # noqa: S603  (our own interpreter and module)
        [sys.executable, "-m", "bench.one_group", *names], cwd=ROOT, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    with process.stdout as lines:
        yield from (msgspec.json.decode(line, type=Measure) for line in lines)
    if process.wait():
        sys.exit(f"Measuring {' and '.join(names)} failed; the reason is above.")


if __name__ == "__main__":
    main()
