"""The embedded installation in a folder of its own that goes away with the test process."""

import os
import tempfile
from urllib.parse import urlsplit, urlunsplit

data_folder = tempfile.TemporaryDirectory(prefix="cairn-test-")
os.environ["CAIRN_DATA_DIR"] = data_folder.name

from cairn.settings.base import *  # noqa: E402  (the data folder must be known first)

SECRET_KEY = "only-for-tests"  # noqa: S105  (signs nothing that outlives the test)
SITE_URL = "https://cairn.example"
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]

# A file, not memory: threads and processes then meet the same locks as in an installation.
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}

# Parallel pytest processes use Redis databases side by side: clearing a cache empties a database.
if REDIS_URL:
    parts = urlsplit(REDIS_URL)
    process = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    number = int(parts.path.strip("/") or 0) + int(process)
    CELERY_BROKER_URL = urlunsplit(parts._replace(path=f"/{number}"))
    CACHES["default"]["LOCATION"] = CELERY_BROKER_URL

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ACCOUNT_RATE_LIMITS = False
MFA_RATE_LIMITS = False
STATIC_ROOT.mkdir()
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
