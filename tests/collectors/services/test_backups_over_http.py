"""What the rule of backups reads of the demo organization, called over HTTP as AWS is, and what it
makes of it: each claim of the demo world about backups has to hold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from collectors.facts import OrganizationFacts
from collectors.outcomes import Outcome
from collectors.registry import Collector
from collectors.services import (
    backup,
    dlm,
    dynamodb,
    ec2,
    efs,
    fsx,
    organizations,
    rds,
    redshift,
    s3,
)
from collectors.services import resourcegroupstaggingapi as tagging
from roadmap.verdicts import Status
from simulated_aws import SimulatedAws
from tests.collectors.services.over_http import (
    World,
    asked,
    check,
    claims,
    judge,
    named,
    observe,
    observed,
)
from tests.roadmap.items.subjects import codes

KEY = "backups.regular"
VAULTS = "backup-vault"
REGION = "eu-west-1"


def seen(world: World, collector: Collector[Any], name: str, region: str = "") -> Any:
    return observe(world, collector, named(world, name)["id"], region).get()


@pytest.fixture(scope="module")
def facts(world: World) -> OrganizationFacts:
    """Of the accounts that the world makes a claim about, and of the one with the vaults."""
    return observed(world, asked(world, [KEY], [*claims(world, KEY), VAULTS]))


def test_every_claim_of_the_demo_world_holds(world: World, facts: OrganizationFacts) -> None:
    claimed = claims(world, KEY)
    check(claimed, lambda name: judge(world, facts, KEY, name))
    assert {"pass", "partial", "fail", "not_applicable", "unknown"} == set(claimed.values())


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("storefront-prod", "backup_not_isolated"),
        ("storefront-prod", "service_not_opted_in"),
        ("warehouse-prod", "backup_stale"),
        ("corporate-it", "no_backup"),
        ("data-lake-prod", "backup_not_isolated"),
        ("ledger-prod", "no_restore_test"),
    ],
)
def test_what_is_wrong_becomes_a_finding(
    world: World, facts: OrganizationFacts, name: str, code: str
) -> None:
    assert code in codes(judge(world, facts, KEY, name))


def test_copies_lie_in_a_vault_whose_lock_is_seen(world: World, facts: OrganizationFacts) -> None:
    strict: dict[str, Any] = {"BACKUP_REQUIRE_IMMUTABLE": True, "BACKUP_REQUIRE_RESTORE_TEST": True}
    verdict = judge(world, facts, KEY, "payments-prod", **strict)
    assert verdict.status == Status.PASS
    assert verdict.facts["has_backup_policy"] is True
    assert verdict.facts["restore_testing_plans"] == ["weekly"]


def test_a_replica_is_placed_by_the_account_that_holds_it(
    world: World, facts: OrganizationFacts
) -> None:
    buckets = {one.name: one for one in seen(world, s3.bucket_backups, VAULTS)}
    copy = buckets["larkfield-lake-raw-copy"]
    assert (copy.region, copy.has_object_lock) == ("eu-central-1", True)
    assert copy.tags is not None
    assert copy.tags.carry("cairn:backup=exempt")
    raw = {one.name: one for one in seen(world, s3.bucket_backups, "data-lake-prod")}
    assert [r.bucket for r in raw["larkfield-lake-raw"].replicas] == ["larkfield-lake-raw-copy"]
    counts = judge(world, facts, KEY, "data-lake-prod").facts["types"]["S3"]
    assert (counts["isolated"], counts["immutable"]) == (1, 1)


def test_plans_and_policies_are_read(world: World) -> None:
    (plan,) = seen(world, backup.plans, "storefront-prod", REGION).plans
    assert [rule.name for rule in plan.rules] == ["nightly"]
    assert plan.selections == (backup.Selection("everything", ("*",)),)
    (policy,) = seen(world, dlm.policies, "storefront-prod", REGION)
    assert (policy.state, policy.copies_to) == ("ENABLED", ("eu-central-1",))


def test_disks_tagged_as_exempt_are_found_by_their_tag(world: World) -> None:
    volumes = seen(world, ec2.volumes, "network-hub", REGION)
    exempt = seen(world, tagging.backup_exempt, "network-hub", REGION)
    assert volumes
    assert {arn.rpartition("/")[2] for arn in exempt.arns} >= {one.volume_id for one in volumes}


def test_the_backup_policy_reaches_the_accounts_it_is_attached_to(world: World) -> None:
    def content(name: str) -> Any:
        policies = seen(world, organizations.effective_policies, name)
        return policies.content(organizations.BACKUP_POLICY)

    assert content("payments-prod")["plans"]
    assert content("corporate-it") is None


@pytest.mark.parametrize("collector", [backup.protection, backup.plans, dynamodb.backups], ids=str)
def test_a_role_without_the_right_is_denied(world: World, collector: Collector[Any]) -> None:
    about = named(world, "payments-staging")["id"]
    assert observe(world, collector, about, "eu-central-1").outcome == Outcome.ACCESS_DENIED


# What the demo does not have, made by AWS's own calls.


@pytest.fixture
def account(simulation: SimulatedAws, world: World) -> str:
    """An account in which a test may change something until the module ends."""
    return str(named(world, "search-prod")["id"])


def test_file_systems_clusters_and_warehouses_are_read(
    simulation: SimulatedAws, world: World, account: str
) -> None:
    def client(service: str) -> Any:
        return simulation.client(service, account=account, region=REGION)

    shared = client("efs").create_file_system(CreationToken="shared")
    windows = client("fsx").create_file_system(
        FileSystemType="LUSTRE", StorageCapacity=1200, SubnetIds=["subnet-0123456789abcdef0"]
    )["FileSystem"]
    client("fsx").create_backup(FileSystemId=windows["FileSystemId"])
    client("redshift").create_cluster(
        ClusterIdentifier="sales",
        NodeType="ra3.large",
        MasterUsername="owner",
        MasterUserPassword="Passw0rd-of-nobody",
        AutomatedSnapshotRetentionPeriod=3,
    )
    client("rds").create_db_cluster(
        DBClusterIdentifier="ledger",
        Engine="aurora-postgresql",
        MasterUsername="owner",
        ManageMasterUserPassword=True,
        BackupRetentionPeriod=5,
    )

    (found,) = seen(world, efs.file_systems, "search-prod", REGION)
    assert found.file_system_id == shared["FileSystemId"]
    (found,) = seen(world, fsx.file_systems, "search-prod", REGION)
    assert found.arn == windows["ResourceARN"]
    (found,) = seen(world, redshift.clusters, "search-prod", REGION)
    assert (found.cluster_identifier, found.automated_snapshot_retention_days) == ("sales", 3)
    (found,) = seen(world, rds.clusters, "search-prod", REGION)
    assert (found.engine, found.backup_retention_days) == ("aurora-postgresql", 5)
    assert seen(world, rds.automated_backups, "search-prod", REGION) == ()


def test_snapshots_and_point_in_time_recovery_are_read(
    simulation: SimulatedAws, world: World, account: str
) -> None:
    ec2_client = simulation.client("ec2", account=account, region=REGION)
    ec2_client.run_instances(ImageId="ami-00000000000000001", MinCount=1, MaxCount=1)
    volume = ec2_client.describe_volumes()["Volumes"][0]["VolumeId"]
    ec2_client.create_snapshot(VolumeId=volume)
    tables = simulation.client("dynamodb", account=account, region=REGION)
    tables.create_table(
        TableName="index",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    tables.update_continuous_backups(
        TableName="index",
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
    )

    (found,) = seen(world, ec2.volumes, "search-prod", REGION)
    assert found.latest_snapshot_at is not None
    assert datetime.now(UTC) - found.latest_snapshot_at < timedelta(hours=1)
    assert seen(world, dynamodb.backups, "search-prod", REGION) == (
        dynamodb.TableBackups("index", "ENABLED"),
    )
