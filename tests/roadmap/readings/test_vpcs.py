"""What of a network is the account's own."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from collectors.services import ec2
from collectors.services.ec2 import Interfaces
from roadmap.items.network import egress, private_subnets
from roadmap.subject import Subject
from roadmap.verdicts import Reason, Verdict
from tests.roadmap.items.network.networks import seen

OF_ANOTHER = Interfaces("vpc-1", owner_id="999999999999")


@pytest.mark.parametrize(
    "judge", [private_subnets.judge, egress.judge], ids=["private subnets", "egress"]
)
def test_what_others_have_in_a_shared_subnet_is_theirs_to_answer_for(
    judge: Callable[[Subject], Verdict],
) -> None:
    verdict = judge(seen({ec2.interfaces: (OF_ANOTHER,)}))

    assert verdict.reason == Reason.NO_RESOURCES
