"""The WSGI entry point. Which settings it gets is decided in cairn.celery."""

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
