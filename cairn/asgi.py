"""The ASGI entry point. A server started with no settings named gets the strict ones."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cairn.settings.production")

application = get_asgi_application()
