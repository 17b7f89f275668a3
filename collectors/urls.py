"""The addresses of collectors's pages."""

from django.urls import URLPattern, URLResolver

app_name = "collectors"
urlpatterns: list[URLPattern | URLResolver] = []
