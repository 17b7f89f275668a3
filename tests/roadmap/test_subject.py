"""What a rule may ask of its subject besides facts."""

from datetime import timedelta

import pytest

from roadmap.subject import Excepted
from tests.roadmap.items.subjects import NOW, attested, subject

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


@pytest.mark.parametrize(
    ("claim", "days_left", "counts"),
    [("done", 1, True), ("partly", 1, True), ("not_done", 1, False), ("done", 0, False)],
)
def test_an_answer_counts_while_it_holds_and_claims_what_is_asked(
    claim: str, days_left: int, counts: bool
) -> None:
    answer = attested("ownership.iac", claim, "team", days_left=days_left)
    asked = subject(attestations=[answer])
    assert asked.holding("done", "partly") == (answer if counts else None)
    assert subject().holding("done") is None


def test_an_expired_narrower_answer_is_not_replaced_by_a_wider_one() -> None:
    own = attested("ownership.iac", "done", "account", days_left=-1)
    wider = attested("ownership.iac", "done", "organization")
    assert subject(attestations=[own, wider]).holding("done") is None


TOKENS = "refinement.honey_tokens"


@pytest.mark.parametrize(
    ("claim", "days_left", "number"),
    [("done", 1, 1), ("partly", 1, 1), ("not_done", 1, 0), ("declined", 1, 0), ("done", 0, 0)],
)
def test_what_is_registered_under_another_item_counts_while_it_holds(
    claim: str, days_left: int, number: int
) -> None:
    said = [attested(TOKENS, claim, days_left=days_left)]
    asked = subject(elsewhere={TOKENS: said, "incident.practice": [attested("incident.practice")]})
    assert len(asked.registered(TOKENS)) == number
    assert asked.registered("detection.guidelines") == []
