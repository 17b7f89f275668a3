"""The read API below /api/v1/: the routes of every app, in one router."""

from importlib import import_module
from importlib.util import find_spec

from rest_framework.routers import DefaultRouter

router = DefaultRouter()
for app in ("inventory", "collectors", "roadmap"):
    if find_spec(f"{app}.api"):
        for prefix, viewset, basename in import_module(f"{app}.api").routes:
            router.register(prefix, viewset, basename)

urlpatterns = router.urls
