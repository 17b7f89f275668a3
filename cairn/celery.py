"""The Celery application. Its settings are those of ``cairn.settings.base`` under ``CELERY_``."""

import logging
import os
import time

import celery
from celery.signals import heartbeat_sent
from django.core.cache import cache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

HEARTBEAT_KEY = "worker-heartbeat"

# A worker listens to nothing but its broker, so, unlike the web server, it may default to the
# embedded installation just as manage.py does.
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cairn.settings.dev")

app = celery.Celery("cairn")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@heartbeat_sent.connect
def record_heartbeat(**kwargs: object) -> None:
    """Tell the web processes, through the cache they share, that a worker is there: /readyz asks.

    Celery sends this every two seconds. A cache that is away must not stop the worker.
    """
    try:
        cache.set(HEARTBEAT_KEY, time.time(), timeout=None)
    except (RedisError, OSError) as error:
        logger.warning("heartbeat not recorded", extra={"error": error})
