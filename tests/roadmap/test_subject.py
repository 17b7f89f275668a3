"""What a rule may ask of its subject besides facts."""

from datetime import timedelta

import pytest

from roadmap.subject import Excepted
from tests.roadmap.items.subjects import NOW, subject

BUCKET = "arn:aws:s3:::press-photos"


@pytest.mark.parametrize(
    ("pattern", "days_left", "covers"),
    [
        pytest.param(BUCKET, 1, True, id="the resource itself"),
        pytest.param("arn:aws:s3:::press-*", 1, True, id="a pattern"),
        pytest.param("arn:aws:s3:::PRESS-*", 1, False, id="letters count"),
        pytest.param("arn:aws:s3:::other", 1, False, id="another resource"),
        pytest.param(BUCKET, 0, False, id="over"),
    ],
)
def test_an_exception_covers_what_it_names_while_it_holds(
    pattern: str, days_left: int, covers: bool
) -> None:
    exception = Excepted("surface.no_public", pattern, expires_at=NOW + timedelta(days=days_left))
    asked = subject(exceptions=[exception])
    assert asked.is_excepted(BUCKET) is covers
    assert asked.excepted == ({BUCKET: exception} if covers else {})
