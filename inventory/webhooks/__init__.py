"""Other systems told what happened: queued in the database, posted by the workers.

announce(Webhook.Event.IMPORT_FAILED, key="scan 7", text="Import of scan.json failed", path="/…")
"""

from inventory.webhooks.deliveries import (
    announce,
    deliver_waiting,
    disable,
    enable,
    is_wanted,
    try_out,
)

__all__ = ["announce", "deliver_waiting", "disable", "enable", "is_wanted", "try_out"]
