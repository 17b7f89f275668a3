"""Ten small bars, one a stage: how an account stands, as one drawing in a cell."""

from __future__ import annotations

from collections.abc import Sequence

WIDTH, GAP, HEIGHT = 7, 2, 20

# Passed, partial, failed and unknown cells of a stage; None where nothing was judged.
Tally = tuple[int, int, int, int]
STATUSES = ("pass", "partial", "fail", "unknown")
NOTHING = "not_applicable"


def stage_bars(tallies: Sequence[Tally | None], words: str) -> str:
    """An SVG with a stroke per share and a path per status, a tenth of the size of rects.

    A stage in which nothing applies is a short stump. ``words`` say the same as text.
    """
    strokes = dict.fromkeys((*STATUSES, NOTHING), "")
    x = WIDTH // 2
    for tally in tallies:
        total = sum(tally) if tally else 0
        if not tally or not total:
            strokes[NOTHING] += f"M{x} {HEIGHT}v-2"
        else:
            below = seen = 0
            for status, count in zip(STATUSES, tally, strict=True):
                if count:
                    seen += count
                    top = round(HEIGHT * seen / total)
                    strokes[status] += f"M{x} {HEIGHT - below}v-{top - below}"
                    below = top
        x += WIDTH + GAP
    drawn = "".join(
        f'<path class="status-{status}" d="{path}"/>' for status, path in strokes.items() if path
    )
    width = len(tallies) * (WIDTH + GAP) - GAP
    return (
        f'<svg class="stage-bars" viewBox="0 0 {width} {HEIGHT}" width="{width}" '
        f'height="{HEIGHT}" role="img" aria-label="{words}">{drawn}</svg>'
    )
