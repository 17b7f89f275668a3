"""Answers in pages, with tokens that mean nothing to the caller, as AWS gives them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from simulated_aws.errors import AwsError
from simulated_aws.wire import Call


@dataclass(frozen=True)
class Paging:
    """How one service pages: its words, the largest page, and its error for nonsense."""

    limit: int
    size: str = "MaxResults"
    cursor: str = "NextToken"
    error: str = "ValidationException"

    def page(
        self,
        call: Call,
        key: str,
        items: Sequence[Any],
        *,
        empty_first: bool = False,
    ) -> dict[str, Any]:
        """One page of items under key; empty_first sends a page without items before them.

        AWS documents that Organizations may answer an empty page that carries a token.
        """
        start = self._start(call)
        if empty_first and start is None:
            return {key: [], self.cursor: self._token(call, 0)}
        first = start or 0
        end = first + self._size(call)
        answer: dict[str, Any] = {key: list(items[first:end])}
        if end < len(items):
            answer[self.cursor] = self._token(call, end)
        return answer

    def _size(self, call: Call) -> int:
        asked = call.parameters.get(self.size)
        if asked is None:
            return self.limit
        if not 1 <= int(asked) <= self.limit:
            raise AwsError(self.error, f"{self.size} must be between 1 and {self.limit}.")
        return int(asked)

    def _start(self, call: Call) -> int | None:
        token = call.parameters.get(self.cursor)
        if not token:
            return None
        try:
            operation, _, offset = base64.urlsafe_b64decode(token).decode().partition(":")
            if operation == call.operation:
                return int(offset)
        except (binascii.Error, ValueError):
            pass
        raise AwsError(self.error, f"The {self.cursor} is not one this operation handed out.")

    @staticmethod
    def _token(call: Call, offset: int) -> str:
        return base64.urlsafe_b64encode(f"{call.operation}:{offset}".encode()).decode()
