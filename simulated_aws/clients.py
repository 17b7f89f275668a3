"""boto3 clients for a simulated AWS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import boto3
import botocore.loaders
import botocore.session
from botocore.awsrequest import AWSRequest
from botocore.config import Config

CONFIG: Final = Config(
    retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}, max_pool_connections=32
)

# Sessions that share it parse each service's model once; parsing is most of what a session costs.
LOADER: Final = botocore.loaders.create_loader()


def hostname_without_account(**event: Any) -> None:
    """Take off the account that S3 Control puts before the host: no resolver knows that name."""
    request: AWSRequest = event["request"]
    url = urlsplit(str(request.url))
    first, _dot, rest = url.netloc.partition(".")
    if len(first) == 12 and first.isdigit():
        request.url = urlunsplit(url._replace(netloc=rest))


def session_for(credentials: Mapping[str, str]) -> boto3.Session:
    """A session with these credentials (under STS's names) that reaches S3 Control as well."""
    raw = botocore.session.Session()
    raw.register_component("data_loader", LOADER)
    raw.set_credentials(
        credentials["AccessKeyId"],
        credentials["SecretAccessKey"],
        credentials.get("SessionToken"),
    )
    raw.register("before-sign.s3-control", hostname_without_account)
    return boto3.Session(botocore_session=raw)


def client(
    session: boto3.Session, service: str, endpoint_url: str, region: str = "us-east-1"
) -> Any:
    return session.client(
        service,  # type: ignore[call-overload]  # any client, by its name
        region_name=region,
        endpoint_url=endpoint_url,
        config=CONFIG,
    )
