"""The ASGI entry point. Which settings it gets is decided in cairn.celery."""

from django.core.asgi import get_asgi_application

application = get_asgi_application()
