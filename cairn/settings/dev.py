"""One machine, everything embedded: `make run`, `make demo` and every command typed by hand."""

from cairn import env
from cairn.settings.base import *

DATA_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)

SECRET_KEY = env.secret_key(DATA_DIR / "secret-key")
DEBUG = env.boolean("DEBUG", False)
SITE_URL = SITE_URL or f"http://127.0.0.1:{env.integer('PORT', 8000)}"
ALLOWED_HOSTS = env.items("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")

# manage.py load_demo fills an empty installation with a simulated company.
INSTALLED_APPS = [*INSTALLED_APPS, "demo"]
