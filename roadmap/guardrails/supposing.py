"""An organization's facts as they would be with one more policy attached. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from collectors.facts import OrganizationFacts
from collectors.outcomes import Missing, Outcome
from collectors.services import organizations
from roadmap.guardrails.documents import Document, content_of

SUPPOSED_ID = "p-supposed"


def with_policy(
    facts: OrganizationFacts, document: Document, target: str, name: str
) -> OrganizationFacts:
    """With the document attached to a root, an OU or an account, besides what is there. Raises
    Missing where nobody saw what is there."""
    management = facts.management_account_id
    observed = facts.find(management, organizations.policies.name)
    own = facts.find(target, organizations.attached_scps.name)
    known = observed.get()
    supposed = organizations.Policy(
        SUPPOSED_ID, organizations.SERVICE_CONTROL_POLICY, name=name, content=content_of(document)
    )
    attached = known.attached
    changed: dict[Any, Any] = {}
    if target in attached:
        attached = {**attached, target: [*attached[target], SUPPOSED_ID]}
    elif own.account_id in _accounts(facts.observations):
        ids = (*own.get(), SUPPOSED_ID)
        changed[target, organizations.attached_scps.name, ""] = replace(own, value=ids)
    else:
        message = f"Nobody saw which policies are attached to {target}."
        raise Missing(Outcome.NEVER_COLLECTED, message)
    policies = replace(known, policies=[*known.policies, supposed], attached=attached)
    changed[management, organizations.policies.name, ""] = replace(observed, value=policies)
    return replace(facts, observations={**facts.observations, **changed})


def _accounts(observations: Mapping[Any, Any]) -> set[str]:
    return {
        account_id
        for account_id, kind, _ in observations
        if kind == organizations.attached_scps.name
    }
