"""Ten small bars, one a stage: how an account stands, as one drawing in a cell."""

from __future__ import annotations

from collections.abc import Sequence

WIDTH, GAP, HEIGHT = 7, 2, 18

# Passed, partial, failed and unknown cells of a stage; None where nothing was judged.
Tally = tuple[int, int, int, int]
STATUSES = ("pass", "partial", "fail", "unknown")


def stage_bars(tallies: Sequence[Tally | None], words: str) -> str:
    """An SVG with a path per status, which is a fifth of the size of a rect per share.

    A stage in which nothing applies stays an empty outline. ``words`` say the same as text.
    """
    outlines: list[str] = []
    paths: dict[str, list[str]] = {status: [] for status in STATUSES}
    for index, tally in enumerate(tallies):
        x, total = index * (WIDTH + GAP), sum(tally) if tally else 0
        if not tally or not total:
            outlines.append(f"M{x} {HEIGHT - 2}h{WIDTH}v2h-{WIDTH}z")
            continue
        bottom = float(HEIGHT)
        for status, count in zip(STATUSES, tally, strict=True):
            if count:
                height = HEIGHT * count / total
                bottom -= height
                paths[status].append(f"M{x} {bottom:.4g}h{WIDTH}v{height:.4g}h-{WIDTH}z")
    drawn = "".join(
        f'<path class="status-{status}" d="{"".join(parts)}"/>'
        for status, parts in (*paths.items(), ("not_applicable", outlines))
        if parts
    )
    width = len(tallies) * (WIDTH + GAP) - GAP
    return (
        f'<svg class="stage-bars" viewBox="0 0 {width} {HEIGHT}" width="{width}" '
        f'height="{HEIGHT}" role="img" aria-label="{words}">{drawn}</svg>'
    )
