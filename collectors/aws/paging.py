"""Following pages to the end, whichever way an operation pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from botocore.client import BaseClient
from botocore.exceptions import PaginationError
from botocore.paginate import Paginator

from collectors.aws.errors import CallFailed
from collectors.outcomes import Outcome

# (name in the request, name in the answer) of the token, where botocore describes no paginator.
TOKENS = (
    ("NextToken", "NextToken"),
    ("nextToken", "nextToken"),
    ("NextPageToken", "NextPageToken"),
    ("PaginationToken", "PaginationToken"),
    ("Marker", "NextMarker"),
    ("Marker", "Marker"),
)

Ask = Callable[..., dict[str, Any]]


def pages(
    ask: Ask,
    client: BaseClient,
    name: str,
    described: Mapping[str, Any] | None,
    params: Mapping[str, Any],
) -> Iterator[dict[str, Any]]:
    """Every page, empty ones included. Raises CallFailed when a token comes a second time."""
    model = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[name])
    try:
        if described is not None:
            make: Any = Paginator  # Its published types name the wrong arguments.
            yield from make(ask, dict(described), model).paginate(**params)
        else:
            yield from _by_token(ask, model.input_shape, model.output_shape, params)
    except PaginationError as error:
        raise CallFailed(
            Outcome.API_ERROR,
            f"{client.meta.service_model.service_name}.{name}: the pages do not end: {error}",
            "PaginationError",
        ) from error


def _by_token(
    ask: Ask, input_shape: Any, output_shape: Any, params: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    accepted = input_shape.members if input_shape else {}
    returned = output_shape.members if output_shape else {}
    names = next((pair for pair in TOKENS if pair[0] in accepted and pair[1] in returned), None)
    if names is None:
        yield ask(**params)
        return
    seen: set[str] = set()
    token = ""
    while True:
        page = ask(**params, **({names[0]: token} if token else {}))
        yield page
        token = page.get(names[1]) or ""
        if not token:
            return
        if token in seen:
            raise PaginationError(message="the same token came twice")
        seen.add(token)
