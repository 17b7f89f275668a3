"""Amazon SNS: by which protocols a topic reaches its subscribers; addresses are not kept.

https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from collectors.registry import Operation

Answer = Mapping[str, Any]

LIST_SUBSCRIPTIONS_BY_TOPIC = Operation(
    "sns", "list_subscriptions_by_topic", "sns:ListSubscriptionsByTopic", "Subscriptions"
)

NO_SUCH_TOPIC = ("NotFound", "NotFoundException")
# What a subscription's ARN says until its subscriber has confirmed it.
UNCONFIRMED = ("", "PendingConfirmation", "Deleted")
# AWS's chat service subscribes to a topic by https.
CHAT_HOST = "chatbot.amazonaws.com"
CHAT = "chat"


def protocols(subscriptions: Iterable[Answer]) -> dict[str, int]:
    """Protocol → number of confirmed subscriptions; ``chat`` for those of AWS's chat service."""
    confirmed = (s for s in subscriptions if (s.get("SubscriptionArn") or "") not in UNCONFIRMED)
    return dict(sorted(Counter(_protocol(s) for s in confirmed).items()))


def _protocol(subscription: Answer) -> str:
    protocol = str(subscription.get("Protocol") or "unknown")
    host = str(subscription.get("Endpoint") or "").partition("//")[2].partition("/")[0]
    return CHAT if protocol == "https" and host.endswith(CHAT_HOST) else protocol
