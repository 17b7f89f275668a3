"""An installation of its own: the database is made for one run of the benchmark and dropped after.

``bench.installation`` names both the data folder and the database in the environment, so that the
child processes of a run share them.
"""

import os

from cairn.settings.base import *

SECRET_KEY = "only-for-measuring"  # noqa: S105  (signs nothing that outlives the run)
ALLOWED_HOSTS = ["testserver"]
ROOT_URLCONF = "bench.urls"
INSTALLED_APPS = [*INSTALLED_APPS, "demo"]
TEMPLATES = [{**TEMPLATES[0], "DIRS": [BASE_DIR / "templates", BASE_DIR / "bench" / "templates"]}]
STATIC_ROOT.mkdir(exist_ok=True)
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
LOGGING = {"version": 1, "root": {"level": "ERROR"}}

DATABASES["default"]["NAME"] = (
    str(DATA_DIR / "bench.sqlite3")
    if DATABASES["default"]["ENGINE"].endswith("sqlite3")
    else os.environ["BENCH_DATABASE"]
)
