"""The worlds a server can start with, by name."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from simulated_aws.world.builder import Builder

NAMES: Final = ("demo", "empty")


def build(name: str, builder: Builder) -> Mapping[str, Any]:
    """Fill the simulation; the answer is what `GET /_sim/world` says about it."""
    module = importlib.import_module(f"simulated_aws.world.{name}")
    description: Mapping[str, Any] = module.build(builder)
    return description
