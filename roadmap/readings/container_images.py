"""Where a container image comes from, by its name. Pure.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from fnmatch import fnmatchcase

ECR_HOST = re.compile(r"(\d{12})\.dkr[.-]ecr(-fips)?\.[a-z0-9-]+\.(amazonaws\.com(\.cn)?|on\.aws)")
DOCKER_HUB = "docker.io"


def is_trusted(image: str, owners: Collection[str], patterns: Iterable[str]) -> bool:
    """By host, or for patterns with a path by host and path. ECR's hosts name an account: one that
    is not among the owners is trusted only by a pattern that begins with it."""
    host, repository = place_of(image)
    ecr = ECR_HOST.fullmatch(host)
    if ecr and ecr[1] in owners:
        return True
    return any(
        fnmatchcase(f"{host}/{repository}" if "/" in pattern else host, pattern)
        for pattern in patterns
        if not ecr or pattern.startswith(ecr[1])
    )


def place_of(image: str) -> tuple[str, str]:
    """Host and repository; an image that names no host is Docker Hub's."""
    name = image.partition("@")[0]
    host, slash, path = name.partition("/")
    if not slash or not ("." in host or ":" in host or host == "localhost"):
        host, path = DOCKER_HUB, name
    start, slash, last = path.rpartition("/")
    return host.lower(), f"{start}{slash}{last.partition(':')[0]}"
