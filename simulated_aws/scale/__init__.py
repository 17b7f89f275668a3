"""Thousands of uniform accounts that cost next to nothing: for trials of speed, not of rules.

Every account answers alike, nothing can be changed, and no credentials are checked: the account
of a call is spelled out in its access key. Latency and throttling are what it is for.
"""

from __future__ import annotations

from simulated_aws.scale.server import Settings, serve

__all__ = ["Settings", "serve"]
