"""Items whose details only security staff see: where a honey token lies would warn the thief.

Everybody sees their verdicts, which count like all others; RESTRICTED_ITEMS names them.
"""

from __future__ import annotations

from collections.abc import Collection

from inventory.access import Action, Anyone, may
from inventory.policy import Place, load_policy

INSTEAD = "Only security staff see the details of this item."


def hidden_from(user: Anyone) -> frozenset[str]:
    """Keys of items whose sentences, evidence, findings and answers the user may not see."""
    if may(user, Action.SEE_RESTRICTED):
        return frozenset()
    return frozenset(load_policy().at(Place())["RESTRICTED_ITEMS"])


def sentence_of(item: str, sentence: str, hidden: Collection[str]) -> str:
    return INSTEAD if item in hidden else sentence
