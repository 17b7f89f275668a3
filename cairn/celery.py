"""The Celery application. Its settings are those of ``cairn.settings.base`` under ``CELERY_``."""

import logging
import os
import time

import celery
from celery.schedules import crontab
from celery.signals import heartbeat_sent
from django.core.cache import cache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

HEARTBEAT_KEY = "worker-heartbeat"

# The package imports this module before any entry point of it runs, so what is set here is what
# every server gets that names no settings: the strict ones. manage.py comes earlier.
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cairn.settings.production")

app = celery.Celery("cairn")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# Everything that is done by itself, for Celery beat; seconds between two times.
app.conf.beat_schedule = {
    "start runs that are due": {"task": "collectors.tasks.start_due_runs", "schedule": 60.0},
    "take up what dead workers left": {"task": "collectors.tasks.sweep", "schedule": 30.0},
    "import uploads that wait": {"task": "roadmap.tasks.import_scans", "schedule": 30.0},
    "send mail that waits": {"task": "inventory.tasks.send_mail", "schedule": 20.0},
    "deliver webhooks": {"task": "inventory.tasks.deliver_webhooks", "schedule": 20.0},
    "write digests and reminders": {"task": "roadmap.tasks.write_mail", "schedule": 300.0},
    "ask owners": {
        "task": "inventory.tasks.ask_owners",
        "schedule": crontab(hour=7, minute=10),
    },
    "let evidence and answers grow old": {
        "task": "roadmap.tasks.judge_everything",
        "schedule": crontab(hour=0, minute=5),
    },
    "let decisions on findings end": {
        "task": "roadmap.tasks.review_decisions",
        "schedule": crontab(hour=0, minute=1),
    },
}


@heartbeat_sent.connect
def record_heartbeat(**kwargs: object) -> None:
    """Tell the web processes, through the cache they share, that a worker is there: /readyz asks.

    Celery sends this every two seconds. A cache that is away must not stop the worker.
    """
    try:
        cache.set(HEARTBEAT_KEY, time.time(), timeout=None)
    except (RedisError, OSError) as error:
        logger.warning("heartbeat not recorded", extra={"error": error})
