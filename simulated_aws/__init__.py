"""A simulated AWS for demo, tests and scale trials. See README.md beside this file.

No part of Cairn imports this package: Cairn reaches it as it reaches AWS, over HTTP.
"""

from __future__ import annotations

from simulated_aws.process import SimulatedAws, serve

__all__ = ["SimulatedAws", "serve"]
