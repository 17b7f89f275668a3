"""Amazon CloudWatch Logs: what is delivered to it and through it."""

from collectors.services.logs.deliveries import Delivery, deliveries

__all__ = ["Delivery", "deliveries"]
