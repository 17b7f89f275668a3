"""What is kept of tags, and what can be told from it."""

import pytest

from collectors.tags import Tags, kept

TOLD = [
    {"Key": "public", "Value": "approved"},
    {"Key": "Name", "Value": "mara's"},
    {"Key": "empty"},
    {"Value": "keyless"},
]


def test_all_keys_are_kept_and_the_values_of_those_asked_about() -> None:
    assert kept(TOLD, ["public", "empty", "owner"]) == Tags(
        ("Name", "empty", "public"), (("empty", ""), ("public", "approved"))
    )
    assert kept(None, ["public"]) == Tags()


CARRIED = {
    "public=approved": True,
    "public=pending": False,
    "public": True,
    "Name": True,
    "Name=mara's": None,
    "owner": False,
    "owner=ledger": False,
    "": False,
}


@pytest.mark.parametrize(("wanted", "carried"), CARRIED.items(), ids=CARRIED)
def test_a_tag_is_carried_not_carried_or_not_known(wanted: str, carried: bool | None) -> None:
    assert kept(TOLD, ["public"]).carry(wanted) is carried
