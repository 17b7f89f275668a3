"""Settings from the environment, typed, refusing nonsense with the variable's name.

An empty variable counts as unset, so that ``NAME=`` in a compose file means "the default".
Messages never repeat a value: it may be a password or a URL holding one.
"""

import os
import secrets
import tempfile
from contextlib import suppress
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE = frozenset({"1", "true", "yes", "on"})
FALSE = frozenset({"0", "false", "no", "off"})


def text(name: str, default: str) -> str:
    return os.environ.get(name, "").strip() or default


def required(name: str, why: str) -> str:
    value = text(name, "")
    if not value:
        raise ImproperlyConfigured(f"Set {name} in the environment: {why}")
    return value


def boolean(name: str, default: bool) -> bool:
    value = text(name, str(default)).lower()
    if value in TRUE:
        return True
    if value in FALSE:
        return False
    raise ImproperlyConfigured(f"{name} must be one of 1, 0, true, false, yes, no, on, off.")


def integer(name: str, default: int, *, least: int = 0, most: int = 2**31) -> int:
    value = text(name, str(default))
    try:
        number = int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number.") from None
    if not least <= number <= most:
        raise ImproperlyConfigured(f"{name} must be a whole number from {least} to {most}.")
    return number


def items(name: str, default: str = "") -> list[str]:
    """The comma-separated values of a variable, without blanks."""
    return [item for part in text(name, default).split(",") if (item := part.strip())]


def choice(name: str, default: str, allowed: frozenset[str]) -> str:
    value = text(name, default)
    if value not in allowed:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(sorted(allowed))}.")
    return value


def path(name: str, default: Path) -> Path:
    """An absolute path; a relative one is taken from the folder the process was started in."""
    value = text(name, "")
    return Path(value).expanduser().resolve() if value else default


def url(name: str, schemes: frozenset[str]) -> str:
    """A URL of one of these schemes, or the empty string where the variable is unset."""
    value = text(name, "")
    if value and urlsplit(value).scheme not in schemes:
        raise ImproperlyConfigured(f"{name} must start with one of {', '.join(sorted(schemes))}.")
    return value


def networks(name: str) -> list[IPv4Network | IPv6Network]:
    """The comma-separated networks of a variable, such as ``10.1.2.0/24`` or ``fd00::/8``."""
    try:
        return [ip_network(item) for item in items(name)]
    except ValueError:
        raise ImproperlyConfigured(
            f"{name} must be networks such as 10.1.2.0/24, separated by commas."
        ) from None


def secret_key(file: Path) -> str:
    """SECRET_KEY, or one made once and kept in a file that only its owner can read.

    Two processes may start at the same moment: the file appears by an atomic link, so both read
    the same key, and never a half-written one.
    """
    if key := text("SECRET_KEY", ""):
        return key
    if not file.exists():
        with tempfile.NamedTemporaryFile("w", dir=file.parent) as draft:  # readable by its owner
            draft.write(secrets.token_urlsafe(64))
            draft.flush()
            # Where another process was first, its key is the key.
            with suppress(FileExistsError):
                os.link(draft.name, file)
    return file.read_text()
