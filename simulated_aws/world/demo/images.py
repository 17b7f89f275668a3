"""Where images and packages come from: Amazon, the company itself, and strangers."""

from __future__ import annotations

from typing import Final

from moto.awslambda.models import lambda_backends
from moto.ec2.models import ec2_backends

from simulated_aws.services.codeartifact import REPOSITORIES
from simulated_aws.services.ec2_images import ALLOWED, IMAGES
from simulated_aws.services.ecr import PULL_THROUGH
from simulated_aws.services.ecs import TASKS
from simulated_aws.world.builder import Builder
from simulated_aws.world.demo import company
from simulated_aws.world.demo.company import account_id
from simulated_aws.world.demo.expectations import Claim, Theme

STRANGER: Final = "989898989898"
COMMUNITY_IMAGE: Final = "ami-0c0ffee0c0ffee001"
FOREIGN_IMAGE: Final = ("corporate-it", "us-east-1")
FOREIGN_LAYER: Final = ("fraud-prod", "eu-central-1", "score-transaction")
SHARED: Final = ("shared-services", "eu-west-1")
REGISTRY: Final = f"{account_id('shared-services')}.dkr.ecr.eu-west-1.amazonaws.com"
# Nine tasks from the company's registry, one from Docker Hub.
TASKS_OF: Final = ("payments-prod", "eu-central-1", "payments")
IMAGES_OF_TASKS: Final[list[tuple[str, ...]]] = [
    *[(f"{REGISTRY}/payments:2.14",)] * 9,
    ("redis:7",),
]

THEMES: Final = (
    Theme(
        "ownership.image_sources",
        Claim(None, "as what runs there comes from"),
        {
            "network-hub": Claim("pass", "instances of Amazon's images"),
            "shared-services": Claim("pass", "Allowed AMIs is enforced where its instance runs"),
            "search-prod": Claim("pass", "a function of its own code"),
            "payments-prod": Claim("partial", "one of its tasks runs an image of Docker Hub"),
            "corporate-it": Claim("fail", "its server came from a stranger's public image"),
            "fraud-prod": Claim("fail", "its function uses a stranger's layer"),
            "tracking-prod": Claim("unknown", "there is no role to ask with"),
            "fernhill-legacy": Claim("unknown", "there is no role to ask with"),
        },
    ),
)


def build(builder: Builder) -> None:
    IMAGES[COMMUNITY_IMAGE] = {
        "Name": "free-file-server",
        "OwnerId": STRANGER,
        "State": "available",
        "IsPublic": True,
    }
    name, region = FOREIGN_IMAGE
    for instance in ec2_backends[account_id(name)][region].all_instances():
        instance.image_id = COMMUNITY_IMAGE
    name, region, function = FOREIGN_LAYER
    backend = lambda_backends[account_id(name)][region]
    layer = f"arn:aws:lambda:{region}:{STRANGER}:layer:fast-scoring:7"
    backend.get_function(function).layers = [{"Arn": layer, "CodeSize": 4096}]
    name, region, cluster = TASKS_OF
    TASKS[account_id(name), region, cluster] = IMAGES_OF_TASKS
    _build_shared(builder, *SHARED)


def _build_shared(builder: Builder, name: str, region: str) -> None:
    """The company's registry, its mirror of packages, and Allowed AMIs in force."""
    account = account_id(name)
    ecr = builder.client("ecr", account, region)
    ecr.create_repository(repositoryName="payments", imageTagMutability="IMMUTABLE")
    ecr.create_repository(repositoryName="tools", imageTagMutability="MUTABLE")
    PULL_THROUGH[account, region] = [
        {
            "ecrRepositoryPrefix": "hub",
            "upstreamRegistryUrl": "registry-1.docker.io",
            "registryId": account,
        }
    ]
    REPOSITORIES[account, region] = [("larkfield", "npm"), ("larkfield", "pypi")]
    ALLOWED[account, region] = {
        "State": "enabled",
        "ManagedBy": "account",
        "ImageCriteria": [{"ImageProviders": ["amazon", company.MANAGEMENT.id]}],
    }
