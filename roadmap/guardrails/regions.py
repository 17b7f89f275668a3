"""Which Regions policies block: 11.5.2, and R_blocked of 0.4 of the evidence rules. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from collectors.outcomes import Missing
from collectors.regions import Bound
from collectors.services.organizations import SERVICE_CONTROL_POLICY
from roadmap.guardrails.case import chain_of, moment, path_of
from roadmap.guardrails.evaluation import Chain
from roadmap.guardrails.probes import P1, P2, Place, ask, probe, sso_administrator

# One that AWS may open some day.
FUTURE_REGION = "xx-future-1"

# Services of Regions: usual policies let global ones off.
PROBES = (
    probe("ec2:RunInstances", "ec2:{r}:{a}:instance/*"),
    probe("lambda:CreateFunction", "lambda:{r}:{a}:function:cairn-probe"),
    probe("rds:CreateDBInstance", "rds:{r}:{a}:db:cairn-probe"),
    probe("s3:CreateBucket", "s3:::cairn-probe"),
    probe("dynamodb:CreateTable", "dynamodb:{r}:{a}:table/cairn-probe"),
    probe("sqs:CreateQueue", "sqs:{r}:{a}:cairn-probe"),
    probe("ecs:CreateCluster", "ecs:{r}:{a}:cluster/cairn-probe"),
    probe("sagemaker:CreateTrainingJob", "sagemaker:{r}:{a}:training-job/cairn-probe"),
)


def blocked_regions(chain: Chain, place: Place, enabled: Sequence[str]) -> list[str]:
    """Those of the enabled Regions in which every probe is denied for every ordinary principal."""
    ordinary = (P1, P2, sso_administrator(place))
    answers = ask(chain, place, PROBES, ordinary, enabled)
    open_ones = {answer.region for answer in answers if not answer.is_denied}
    return [region for region in enabled if region not in open_ones]


def blocked_for(bound: Bound, enabled: Sequence[str]) -> list[str]:
    """Those of the enabled Regions that an account's policies block; none where one of them could
    not be read, or where the organization has none: AWS's own is there as soon as they are
    enabled, and until then they bind nobody."""
    if not any(one.type == SERVICE_CONTROL_POLICY for one in bound.policies.policies):
        return []
    try:
        chain = chain_of(bound.policies, tuple(bound.above), bound.attached)
    except Missing:
        return []
    place = Place(
        account=chain.stands_for(bound.account_id),
        partition=bound.partition,
        organization=bound.organization_id,
        path=path_of(bound.organization_id, bound.above),
        sso_region=bound.sso_region,
        now=moment(chain, bound.now),
    )
    return blocked_regions(chain, place, enabled)
