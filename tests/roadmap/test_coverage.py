"""Every line of every rule is reached by a test, and docs/coverage.md says by which."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.roadmap.coverage import lines_of

ROOT = Path(__file__).resolve().parents[2]


def test_each_line_of_the_rules_is_proven() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.roadmap.coverage", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_lines_are_found_where_verdicts_are_made(tmp_path: Path) -> None:
    module = tmp_path / "rule.py"
    module.write_text(
        'passed("Fine.")\n'
        'failed("Bad.", "nothing found", facts={})\n'
        'partly("Half.", "one" if half else f"flags {n}/4")\n'
        'unknown(Reason.STALE, "Old.", rule="too old")\n'
        "passed(sentence, rule_of(subject))\n"
    )
    found = {(line.verdict, line.rule) for line in lines_of(module)}
    assert found == {
        ("pass", "pass"),
        ("fail", "nothing found"),
        ("partial", "one"),
        ("partial", "flags …/4"),
        ("unknown", "too old"),
    }
    (flags,) = (line for line in lines_of(module) if line.rule == "flags …/4")
    assert flags.is_reached_by("flags 3/4")
    assert not flags.is_reached_by("flags")
