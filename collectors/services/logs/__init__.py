"""Amazon CloudWatch Logs: what is delivered to it and through it, and what it makes of trails."""

from collectors.services.logs.deliveries import Delivery, deliveries
from collectors.services.logs.patterns import selects
from collectors.services.logs.trails import (
    MetricFilter,
    TrailLogs,
    organization_trail_logs,
    trail_logs,
)

__all__ = [
    "Delivery",
    "MetricFilter",
    "TrailLogs",
    "deliveries",
    "organization_trail_logs",
    "selects",
    "trail_logs",
]
