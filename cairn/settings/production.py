"""A server that others reach: nothing secret has a default, and everything goes over HTTPS."""

from cairn import env
from cairn.settings.base import *

SECRET_KEY = env.required(
    "SECRET_KEY",
    "a long random text that signs sessions and links. (For one machine with everything embedded, "
    "set DJANGO_SETTINGS_MODULE=cairn.settings.dev instead.)",
)
ALLOWED_HOSTS = env.items("ALLOWED_HOSTS")
if not ALLOWED_HOSTS:
    env.required("ALLOWED_HOSTS", "the host names people reach this server by, comma-separated.")
# The first name that is one, and not a pattern.
_NAMES = [name for name in ALLOWED_HOSTS if not name.startswith((".", "*"))]
SITE_URL = SITE_URL or (f"https://{_NAMES[0]}" if _NAMES else "")
if not SITE_URL:
    env.required("SITE_URL", "the address by which people reach this server, for links in mail.")

# The proxy that ends TLS must set or remove this header itself; only then may it be believed.
if env.boolean("TRUST_X_FORWARDED_PROTO", False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = env.boolean("SECURE_SSL_REDIRECT", True)
SECURE_HSTS_SECONDS = env.integer("SECURE_HSTS_SECONDS", 365 * 24 * 3600)
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.boolean("SECURE_HSTS_INCLUDE_SUBDOMAINS", True)
SECURE_HSTS_PRELOAD = env.boolean("SECURE_HSTS_PRELOAD", True)
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-sessionid"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-csrftoken"
