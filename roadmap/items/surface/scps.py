"""Ten guardrails hold for the account, whoever is signed in to it."""

from __future__ import annotations

from roadmap.registry import Fix, Flow, Item

item = Item(
    __name__,
    order="6.1",
    title="Guardrail SCPs applied",
    guidance=(
        "A service control policy binds everyone in an account, its administrators included. Ten "
        "guardrails forbid what no workload needs. Each is decided by asking the account's chain "
        "of policies about requests that ought to be refused, not by the names of policies."
    ),
    scope="account",
    flow=Flow.PER_TARGET,
    sources=(),
    fix=Fix(
        "Attach guardrails to a test OU first, then widen them to the root.",
        "Service control policies (SCPs)",
    ),
    source_url="https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html",
)
