"""Mail, campaigns and webhooks in the background. What is to be sent stands in the database, so a
task that is lost, repeated or killed does no harm."""

from __future__ import annotations

from datetime import UTC, datetime

from celery import shared_task

from inventory import campaigns, outbox, webhooks


@shared_task
def send_mail() -> None:
    outbox.send_waiting()


@shared_task
def deliver_webhooks() -> None:
    webhooks.deliver_waiting()


@shared_task
def ask_owners() -> None:
    """Daily: what campaigns are to ask today. What was asked before is not asked again."""
    campaigns.send_due(datetime.now(UTC).date())
