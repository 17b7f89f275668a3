"""An account below an OU with policies, and requests that it makes, for tests of the evaluator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from roadmap.guardrails.documents import Document, policy_of
from roadmap.guardrails.evaluation import (
    Attached,
    Chain,
    Decision,
    Effect,
    Level,
    Request,
    compile_chain,
)

FULL = policy_of(
    {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
)
ACCOUNT = "222222222222"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/cairn-probe"
INSTANCE = f"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/i-1"
CONTEXT: Mapping[str, Sequence[str]] = {
    "aws:principalarn": (ROLE,),
    "aws:principalaccount": (ACCOUNT,),
    "aws:principaltype": ("AssumedRole",),
    "aws:requestedregion": ("eu-west-1",),
    "aws:sourceip": ("198.51.100.7",),
    "aws:currenttime": ("2026-11-24T09:00:00+00:00",),
    "aws:epochtime": ("1795510800",),
    "aws:securetransport": ("true",),
    "aws:principalorgpaths": ("o-1/r-1/ou-1/", "o-1/r-1/"),
    "aws:empty": ("",),
}


def document(*statements: Mapping[str, Any], version: str | None = "2012-10-17") -> Document:
    return policy_of({**({"Version": version} if version else {}), "Statement": list(statements)})


def chain(*documents: Document, full: bool = True) -> Chain:
    """The documents on an OU between a root and an account that allow everything."""
    allowing = (Attached("p-full", FULL),)
    between = tuple(Attached(f"p-{number}", one) for number, one in enumerate(documents))
    return compile_chain(
        [
            Level("r-1", allowing),
            Level("ou-1", (*allowing, *between) if full else between),
            Level("account", allowing),
        ]
    )


def decide(
    made: Chain, action: str = "ec2:RunInstances", *resources: str, **context: str | tuple[str, ...]
) -> Decision:
    own = {k.replace("__", ":"): (v,) if isinstance(v, str) else v for k, v in context.items()}
    return made.decide(Request(action, resources or (INSTANCE,), {**CONTEXT, **own}))


def deny(condition: Mapping[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    extra = {"Condition": condition} if condition else {}
    return {"Effect": "Deny", "Action": "*", "Resource": "*", **extra, **more}


def effect(statement: Mapping[str, Any], *resources: str, **context: Any) -> Effect:
    return decide(chain(document(statement)), "ec2:RunInstances", *resources, **context).effect
