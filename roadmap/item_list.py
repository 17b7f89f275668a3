"""docs/items.md: every item of the roadmap, written from the catalogue."""

from __future__ import annotations

from collections.abc import Iterator

from roadmap.registry import ImportUse, Item, items
from roadmap.stages import STAGES, Stage

INTRODUCTION = """\
# The roadmap's items

Written by `make docs` from `roadmap/items`; a test compares. An indented item is a sub-check,
which counts through its parent. "Judged" says whether Cairn has a rule for it; the others answer
`unknown` with the reason. "Scans" says what imported results of scanners do: serve where Cairn has
no access, decide in the item's rule, or stand beside it as context.
"""


def item_list() -> str:
    return "\n".join([INTRODUCTION, *(line for stage in STAGES for line in _stage(stage))]) + "\n"


def _stage(stage: Stage) -> Iterator[str]:
    yield f"## {stage.number}. {stage.title}\n\n{stage.goal}\n"
    yield "| item | key | judged per | flow | sources | scans | judged | people are asked |"
    yield "|---|---|---|---|---|---|---|---|"
    for item in items().values():
        if item.stage == stage:
            yield _row(item)
    yield ""


def _row(item: Item) -> str:
    title = f"&nbsp;&nbsp;{item.title}" if item.parent else item.title
    asked = ", ".join(str(a.level) for a in item.attests)
    sources = ", ".join(str(source) for source in item.sources)
    return (
        f"| {title} | `{item.key}` | {item.scope} | {item.flow} | {sources} | {_scans(item)} "
        f"| {'yes' if item.judge else 'no'} | {asked or 'nothing'} |"
    )


def _scans(item: Item) -> str:
    uses = {ImportUse.FALLBACK: "serve", ImportUse.RULE: "decide", ImportUse.CONTEXT: "context"}
    return uses[item.import_use] if item.imports else "–"
