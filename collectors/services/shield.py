"""AWS Shield: whether the account subscribes to Shield Advanced.

https://docs.aws.amazon.com/waf/latest/DDOSAPIReference/API_GetSubscriptionState.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from collectors.registry import Collector, Operation, Reach, Scope

GET_SUBSCRIPTION_STATE = Operation(
    "shield", "get_subscription_state", "shield:GetSubscriptionState"
)


@dataclass(frozen=True)
class Subscription:
    """AWS's word for it; empty where it did not say."""

    state: str = ""

    @property
    def is_active(self) -> bool:
        return self.state == "ACTIVE"


def _subscription(answer: Any) -> Subscription:
    return Subscription((answer or {}).get("SubscriptionState") or "")


subscription = Collector(
    "shield.subscription",
    Subscription,
    Scope.ACCOUNT,
    Reach.GLOBAL,
    (GET_SUBSCRIPTION_STATE,),
    lambda aws: aws.call(GET_SUBSCRIPTION_STATE),
    _subscription,
)
