"""Shield: whether the account subscribes to Shield Advanced; the subscription itself is moto's."""

from __future__ import annotations

from moto.shield.models import shield_backends

from simulated_aws.answers import Result, answers
from simulated_aws.wire import Call


@answers("shield", "GetSubscriptionState")
def get_subscription_state(call: Call) -> Result:
    subscribed = shield_backends[call.account]["aws"].subscription is not None
    return {"SubscriptionState": "ACTIVE" if subscribed else "INACTIVE"}
