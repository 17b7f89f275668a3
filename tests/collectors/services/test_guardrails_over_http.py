"""What guardrails read of the demo organization, called over HTTP as AWS is."""

from __future__ import annotations

from collectors.services import config, iam, inspector2, organizations
from simulated_aws.world.demo.guardrails import POLICIES
from tests.collectors.services.over_http import World, named, observe


def test_the_demo_manages_root_access_centrally(world: World) -> None:
    found = observe(world, iam.organizations_features, world["management_account"]).get()
    assert iam.ROOT_CREDENTIALS in found


def test_every_policy_of_the_demo_is_read_with_its_document(world: World) -> None:
    found = observe(world, organizations.policies, world["management_account"]).get()
    documents = {policy.name: policy.content for policy in found.policies}
    assert all(documents[name] for name, *_ in POLICIES)


def test_policies_on_an_account_itself_are_read(world: World) -> None:
    told = observe(world, organizations.policies, world["management_account"]).get()
    attached = observe(
        world, organizations.attached_scps, named(world, "storefront-prod")["id"]
    ).get()
    names = {policy.name for policy in told.policies if policy.id in attached}
    assert names == {"FullAWSAccess", "TokensAtLaunch"}


def test_only_the_resource_control_policy_that_aws_attaches_is_there(world: World) -> None:
    attached = observe(world, organizations.attached_rcps, named(world, "ml-prod")["id"]).get()
    assert attached == ("p-RCPFullAWSAccess",)


def test_inspector_and_the_recorder_tell_whether_they_are_on(world: World) -> None:
    about = named(world, "ml-prod")["id"]
    assert not observe(world, inspector2.account_status, about, "us-east-1").get().is_on
    recorders = observe(world, config.recorders, about, "us-east-1").get()
    assert all(not recorder.is_service_linked for recorder in recorders)
