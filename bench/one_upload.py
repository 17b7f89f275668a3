"""Run as a program: import a scanner's file in a fresh process and print its peak memory in MiB.

``bench.uploads`` starts it, on the database of its own run.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from unittest import mock

import django

django.setup()

from bench.one_collection import peak_memory  # noqa: E402  (apps first)
from roadmap.scan_import import import_file  # noqa: E402  (the same)


def main() -> None:
    path = Path(sys.argv[1])
    # Judging is a worker's own task where there are as many accounts.
    with path.open("rb") as file, mock.patch("roadmap.scan_import.judge_soon"):
        import_file(file, path.name, datetime.now(UTC))
    sys.stdout.write(str(peak_memory()))


if __name__ == "__main__":
    main()
