"""The API below /api/v1/: the routes of every app, in one router, and what is no list of rows."""

from importlib import import_module
from importlib.util import find_spec

from django.urls import URLPattern, URLResolver
from rest_framework.routers import DefaultRouter

router = DefaultRouter()
urlpatterns: list[URLPattern | URLResolver] = []
for app in ("inventory", "collectors", "roadmap"):
    if find_spec(f"{app}.api"):
        module = import_module(f"{app}.api")
        for prefix, viewset, basename in module.routes:
            router.register(prefix, viewset, basename)
        urlpatterns += getattr(module, "paths", [])

urlpatterns += router.urls
