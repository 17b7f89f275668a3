import re

from inventory.grid.bars import HEIGHT, stage_bars


def heights(drawn: str, status: str) -> list[float]:
    path = re.search(f'class="status-{status}" d="([^"]*)"', drawn)
    return [float(height) for height in re.findall(r"v-(\d+)", path[1])] if path else []


def test_shares_fill_the_bar() -> None:
    drawn = stage_bars([(1, 0, 1, 2)], "words")
    assert heights(drawn, "pass") == [HEIGHT / 4]
    assert heights(drawn, "fail") == [HEIGHT / 4]
    assert heights(drawn, "unknown") == [HEIGHT / 2]
    assert heights(drawn, "partial") == []


def test_a_stage_in_which_nothing_applies_is_only_a_stump() -> None:
    drawn = stage_bars([None, (0, 0, 0, 0), (3, 0, 0, 0)], "words")
    assert drawn.count("M") == 3
    assert heights(drawn, "not_applicable") == [2, 2]
    assert heights(drawn, "pass") == [HEIGHT]


def test_ten_stages_stay_small() -> None:
    assert len(stage_bars([(3, 1, 2, 4)] * 10, "12 of 40 items at pass")) < 800
