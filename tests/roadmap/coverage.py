"""Which lines of the rules' tables a test reaches: ``python -m tests.roadmap.coverage`` runs the
tests of all rules and writes docs/coverage.md, with ``--check`` it compares instead.

A line is a ``rule`` text where a verdict is made. It is reached where a test makes a verdict with
it from the same module; tests that try random input do not count.
"""

from __future__ import annotations

import ast
import contextlib
import io
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import pytest

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "roadmap" / "items"
DOCUMENT = ROOT / "docs" / "coverage.md"
TESTS = "tests/roadmap/items"

# Who makes verdicts: what they come to, the place of the rule among the arguments, its default.
MAKERS = {
    "passed": ("pass", 1, "pass"),
    "partly": ("partial", 1, "partial"),
    "failed": ("fail", 1, "fail"),
    "unknown": ("unknown", 2, "unknown"),
    "not_applicable": ("not applicable", 2, "not applicable"),
    "verdict_of": ("combined", 2, ""),
}


@dataclass(frozen=True, order=True)
class Line:
    """``pattern`` matches the texts of a rule that holds values."""

    verdict: str
    rule: str
    pattern: str = field(compare=False)

    def is_reached_by(self, rule: str) -> bool:
        return re.fullmatch(self.pattern, rule, re.DOTALL) is not None


def lines_of(module: Path) -> list[Line]:
    """The rule texts of a module, without those that are worked out elsewhere."""
    found = set()
    for node in ast.walk(ast.parse(module.read_text())):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name not in MAKERS or any(isinstance(arg, ast.Starred) for arg in node.args):
            continue
        verdict, place, default = MAKERS[name]
        for rule, pattern in _texts(_rule(node, place), default):
            found.add(Line(verdict, rule, pattern))
    return sorted(found)


def _rule(call: ast.Call, place: int) -> ast.expr | None:
    named = next((keyword.value for keyword in call.keywords if keyword.arg == "rule"), None)
    return named or (call.args[place] if len(call.args) > place else None)


def _texts(node: ast.expr | None, default: str) -> Iterator[tuple[str, str]]:
    """Text and pattern of each string an expression may be."""
    if node is None:
        if default:
            yield default, re.escape(default)
    elif isinstance(node, ast.IfExp):
        yield from _texts(node.body, "")
        yield from _texts(node.orelse, "")
    elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
        yield node.value, re.escape(node.value)
    elif isinstance(node, ast.JoinedStr):
        parts = [(ast.unparse(part), part) for part in node.values]
        fixed = [p.value if isinstance(p, ast.Constant) else None for _, p in parts]
        text = "".join("…" if part is None else str(part) for part in fixed)
        yield text, "".join(".*" if part is None else re.escape(str(part)) for part in fixed)


@dataclass
class Recorder:
    """A plugin that notes, for each module of rules, which texts verdicts were made with."""

    reached: dict[Path, dict[tuple[str, str], set[str]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(set))
    )
    test: str = ""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        function = getattr(item, "function", None)
        is_random = getattr(function, "is_hypothesis_test", False)
        self.test = "" if is_random else item.nodeid.removeprefix(f"{TESTS}/")
        try:
            return (yield)
        finally:
            self.test = ""

    def watch(self) -> None:
        from roadmap.verdicts import Verdict

        check = Verdict.__post_init__

        def noted(verdict: Verdict) -> None:
            check(verdict)
            if self.test:
                for module in _modules(sys._getframe(1)):
                    key = (verdict.status.label.lower(), verdict.rule)
                    self.reached[module][key].add(self.test)

        setattr(Verdict, "__post_init__", noted)  # noqa: B010  (mypy knows no other way)


def _modules(frame: FrameType | None) -> Iterator[Path]:
    """The modules of rules on the way to where a verdict is made, the nearest only."""
    while frame is not None:
        module = Path(frame.f_code.co_filename)
        if module.is_relative_to(RULES):
            yield module
            return
        frame = frame.f_back


def run() -> Recorder:
    recorder = Recorder()
    output = io.StringIO()
    options = ["-q", "-n0", "-p", "no:cacheprovider", "-p", "no:randomly", TESTS]
    with contextlib.redirect_stdout(output):
        code = pytest.main(options, plugins=[recorder, _Watching(recorder)])
    if code:
        sys.exit(f"The tests of the rules failed:\n{output.getvalue()[-4000:]}")
    return recorder


@dataclass
class _Watching:
    recorder: Recorder

    def pytest_collection_finish(self) -> None:
        self.recorder.watch()


def report(recorder: Recorder) -> tuple[str, list[str]]:
    """The document, and the lines that no test reaches."""
    from roadmap.registry import items

    modules = {RULES.joinpath(*key.split(".")).with_suffix(".py"): i for key, i in items().items()}
    shared = sorted(set(RULES.rglob("*.py")) - set(modules))
    parts, missing = [HEAD], []
    for module in [*modules, *shared]:
        reached = recorder.reached[module]
        lines = lines_of(module)
        lines += _worked_out(lines, reached)
        if not lines:
            continue
        where = str(module.relative_to(ROOT))
        item = modules.get(module)
        title = f"{item.order} {item.title} (`{item.key}`)" if item else f"Shared: `{where}`"
        rows = []
        for line in sorted(lines):
            tests = sorted(
                test
                for (_, rule), found in reached.items()
                if line.is_reached_by(rule)
                for test in found
            )
            if not tests:
                missing.append(f"{where}: {line.verdict}: {line.rule}")
            told = f"`{tests[0]}`" if tests else "**nothing**"
            more = f" and {len(set(tests)) - 1} more" if len(set(tests)) > 1 else ""
            rows.append(f"| {line.verdict} | {line.rule} | {told}{more} |")
        parts.append(f"## {title}\n\n| verdict | line | proven by |\n|---|---|---|\n")
        parts[-1] += "\n".join(rows) + "\n"
    return "\n".join(parts), missing


def _worked_out(lines: list[Line], reached: dict[tuple[str, str], set[str]]) -> list[Line]:
    """Lines that tests reach and whose texts stand elsewhere than where the verdict is made."""
    return sorted(
        Line(verdict, rule, re.escape(rule))
        for verdict, rule in reached
        if rule and not any(line.is_reached_by(rule) for line in lines)
    )


HEAD = """# Which test proves which line

Generated by `make docs` from the rules and their tests, which are below `tests/roadmap/items/`. A
line that no test reaches fails the suite. *Combined* lines come to what their parts come to.
"""


def main() -> None:
    document, missing = report(run())
    if "--check" not in sys.argv:
        DOCUMENT.write_text(document)
    elif not DOCUMENT.exists() or DOCUMENT.read_text() != document:
        sys.exit("docs/coverage.md is not what the tests prove; run make docs.")
    if missing:
        sys.exit("No test reaches these lines:\n" + "\n".join(missing))


if __name__ == "__main__":
    main()
