"""Guardrails of a thousand accounts, against those of as many accounts as differ. Pure CPU.

The floor evaluates one account for every distinct chain of policies: what the others cost besides
is looking up an answer. The peer has no memory and evaluates every account.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from bench.measuring import in_turns
from bench.report import Measure
from collectors.services.organizations import SERVICE_CONTROL_POLICY, Policies, Policy
from roadmap.guardrails import case as cases
from roadmap.guardrails.evaluation import compile_chain
from roadmap.guardrails.probes import P1, P2, Place, Probe, ask, probe, sso_administrator
from roadmap.guardrails.regions import PROBES as OF_REGIONS

ACCOUNTS = 1_000
POLICIES = 12
CHAINS = 20  # distinct ones
ROUNDS = 3
PEERS = 20  # accounts of which the peer's time is taken, and multiplied
REGIONS = tuple(f"eu-west-{number}" for number in range(1, 18))
FULL = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*"}]}
PROBES: tuple[Probe, ...] = (
    *OF_REGIONS,
    probe("guardduty:DeleteDetector", "guardduty:{r}:{a}:detector/cairn-probe"),
    probe("cloudtrail:StopLogging", "cloudtrail:{r}:{a}:trail/cairn-probe"),
    probe("ec2:AttachInternetGateway", "ec2:{r}:{a}:internet-gateway/igw-0"),
    probe("iam:CreateAccessKey", "iam::{a}:user/cairn-probe"),
)


def measure() -> Iterator[Measure]:
    told = policies()
    units = [("r-1", f"ou-{number % CHAINS}") for number in range(ACCOUNTS)]
    spent = in_turns(
        {
            "ours": lambda: _evaluate(told, units),
            "floor": lambda: _evaluate(told, units[:CHAINS]),
            "peer": lambda: _evaluate_each_anew(told, units[:PEERS]),
        },
        ROUNDS,
    )
    yield Measure(
        "",
        f"guardrails of {ACCOUNTS:,} accounts × {POLICIES} policies × {len(REGIONS)} Regions",
        spent["ours"].cpu,
        "s",
        spent["floor"].cpu,
        spent["peer"].cpu * ACCOUNTS / PEERS,
        1.5,
        20,
        notes=f"{CHAINS} distinct chains of policies; the floor evaluates one account of each",
    )


def policies() -> Policies:
    """Twelve policies of the kinds that companies attach: some on the root, some on each OU."""
    made = [Policy("p-full", SERVICE_CONTROL_POLICY, name="FullAWSAccess", content=FULL)]
    for number in range(POLICIES):
        statement: dict[str, Any] = {
            "Effect": "Deny",
            "NotAction": ["iam:*", "sts:*", "organizations:*", "support:*", "s3:ListAllMyBuckets"],
            "Resource": "*",
            "Condition": {
                "StringNotEquals": {"aws:RequestedRegion": list(REGIONS[: 3 + number])},
                "ArnNotLike": {"aws:PrincipalArn": f"arn:aws:iam::*:role/automation-{number}x"},
            },
        }
        made.append(
            Policy(
                f"p-{number}",
                SERVICE_CONTROL_POLICY,
                name=f"Policy{number}",
                content={"Version": "2012-10-17", "Statement": [statement]},
            )
        )
    ids = [policy.id for policy in made]
    above = {f"ou-{number}": ids for number in range(CHAINS)}
    return Policies(made, {"r-1": ["p-full"], **above}, ["r-1"])


def _evaluate(told: Policies, units: Sequence[tuple[str, str]]) -> None:
    """As Cairn does for a whole organization, with nothing remembered from before."""
    cases.forget()
    for number, above in enumerate(units):
        account_id = f"{100_000_000_000 + number}"
        chain = cases.chain_of(told, above, ("p-full",))
        _ask(chain, chain.stands_for(account_id), above)


def _evaluate_each_anew(told: Policies, units: Sequence[tuple[str, str]]) -> None:
    for number, above in enumerate(units):
        cases.forget()
        chain = cases.chain_of(replace(told), above, ("p-full",))
        _ask(compile_chain(chain.levels), f"{100_000_000_000 + number}", above)


def _ask(chain: Any, account_id: str, above: Sequence[str]) -> None:
    place = Place(account_id, organization="o-bench", path="/".join(["o-bench", *above, ""]))
    ask(chain, place, PROBES, (P1, P2, sso_administrator(place)), REGIONS)
