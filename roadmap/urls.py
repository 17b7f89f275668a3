"""The addresses of roadmap's pages."""

from django.urls import URLPattern, URLResolver

app_name = "roadmap"
urlpatterns: list[URLPattern | URLResolver] = []
