"""The demo as an app, so that `manage.py load_demo` is found."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "demo"
