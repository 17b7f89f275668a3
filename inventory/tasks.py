"""Mail and webhooks in the background. What is to be sent stands in the database, so a task that is
lost, repeated or killed does no harm."""

from __future__ import annotations

from celery import shared_task

from inventory import outbox, webhooks


@shared_task
def send_mail() -> None:
    outbox.send_waiting()


@shared_task
def deliver_webhooks() -> None:
    webhooks.deliver_waiting()
