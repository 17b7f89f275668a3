"""The WSGI entry point. A server started with no settings named gets the strict ones."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cairn.settings.production")

application = get_wsgi_application()
