"""The page of guardrails, and trying a policy before anyone attaches it."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import pytest

from collectors.models import Fact
from collectors.services import organizations
from inventory.models import Account, Role
from roadmap.evaluation import judge
from roadmap.models import AccountVerdict
from tests.factories import OrganizationalUnitFactory, signed_in
from tests.organization import AUDIT, MANAGEMENT, PAYMENTS, PENNY, SEARCH, SUSPENDED, World
from tests.roadmap import unguarded
from tests.roadmap.items.surface.guardrails import deny

pytestmark = pytest.mark.django_db

OU = "ou-exam-workload"
TRY = "/guardrails/try/"
KEEP = json.dumps({"Version": "2012-10-17", "Statement": [deny("organizations:LeaveOrganization")]})


@pytest.fixture
def world() -> World:
    return unguarded.create(datetime.now(UTC))


def words(page: bytes) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.decode()).split())


def test_the_tree_names_the_policies_and_each_mark_leads_to_what_was_decided(
    world: World,
) -> None:
    judge()
    page = signed_in().get("/guardrails/").content
    assert f"?ou={OU}" in page.decode()
    assert f"/accounts/{PAYMENTS}/items/surface/scp_root/" in page.decode()
    assert "FullAWSAccess" in page.decode()
    assert AccountVerdict.objects.filter(item="surface.scp_root").count() == Account.objects.count()


def test_an_owner_sees_their_accounts_and_not_the_tree(world: World) -> None:
    judge()
    page = signed_in(Role.OWNER, PENNY).get("/guardrails/").content.decode()
    assert f"/accounts/{PAYMENTS}/" in page
    assert f"/accounts/{SEARCH}/" not in page
    assert "Policies attached there" not in page


def test_an_owner_does_not_learn_of_an_ou_without_their_accounts(world: World) -> None:
    OrganizationalUnitFactory.create(
        organization=world.organization, ou_id="ou-secret", name="Mergers", path="Root/Mergers"
    )
    client = signed_in(Role.OWNER, PENNY)
    assert client.get("/guardrails/", {"ou": "ou-secret"}).status_code == 404
    assert client.get("/guardrails/", {"ou": OU}).status_code == 200
    assert signed_in().get("/guardrails/", {"ou": "ou-secret"}).status_code == 200


def test_a_policy_shows_its_text_and_where_it_is_attached(world: World) -> None:
    page = signed_in().get("/guardrails/policies/p-full/")
    told = words(page.content)
    assert "FullAWSAccess" in told
    assert "&quot;Effect&quot;: &quot;Allow&quot;" in told
    assert f"?ou={OU}" in page.content.decode()
    assert signed_in().get("/guardrails/policies/p-none/").status_code == 404
    assert signed_in(Role.OWNER, PENNY).get("/guardrails/policies/p-full/").status_code == 403


def test_a_guardrail_of_an_account_says_which_policies_decide(world: World) -> None:
    judge()
    address = f"/accounts/{PAYMENTS}/items/surface/scp_leave_org/"
    page = signed_in().get(address).content
    assert "organizations:LeaveOrganization" in words(page)
    assert "allowed no policy stops it" in words(page)
    assert "/guardrails/policies/p-full/" in page.decode()
    assert "/guardrails/policies/" not in signed_in(Role.OWNER, PENNY).get(address).content.decode()


@pytest.mark.parametrize(
    ("document", "told"),
    [
        pytest.param("{}", "It has no Statement", id="no statement"),
        pytest.param("not json", "It is not JSON", id="no JSON"),
        pytest.param(
            '{"Version": "2012-10-17", // why\n"Statement": []}', "not JSON", id="comment"
        ),
        pytest.param("", "Choose a policy or paste a document", id="nothing"),
        pytest.param(
            KEEP.replace('"Resource"', '"Principal": "*", "Resource"'), "Principal", id="principal"
        ),
        pytest.param(
            KEEP.replace('"*"', '"${ACCOUNT_ID_HERE}"'),
            "unfinished template: fill in ${ACCOUNT_ID_HERE}",
            id="placeholder",
        ),
        pytest.param('{"\\ud800": 1}', "U+D800", id="half a character"),
        pytest.param("x" * 300_000, "at most 262144 characters", id="much too large"),
    ],
)
def test_what_is_no_policy_is_refused_with_its_reason(
    world: World, document: str, told: str
) -> None:
    page = signed_in().post(TRY, {"target": OU, "document": document})
    assert page.status_code == 200
    assert told in words(page.content)
    assert "What would change" not in words(page.content).replace("Show what would change", "")


def test_it_shows_what_the_policy_would_change_and_writes_nothing(world: World) -> None:
    judge()
    before = dict(AccountVerdict.objects.values_list("pk", "digest"))
    page = words(signed_in().post(TRY, {"target": OU, "document": KEEP}).content)
    assert "3 verdicts of 3 of 3 accounts below would change" in page
    assert "Account cannot leave" in page
    assert "Fail → ● Pass 3" in page
    assert dict(AccountVerdict.objects.values_list("pk", "digest")) == before


REFUSED = {
    "a policy that is none": ({"target": OU, "policy": "p-none", "document": KEEP}, "p-none"),
    "nowhere": ({"document": KEEP}, "Choose a root or OU or name an account"),
    "two places": ({"target": OU, "account": AUDIT, "document": KEEP}, "one of the two"),
    "an account nobody knows": (
        {"account": "999999999999", "document": KEEP},
        "No connected organization has such an account",
    ),
    "no account": ({"account": "audit", "document": KEEP}, "No connected organization has"),
    "the management account": (
        {"account": MANAGEMENT, "document": KEEP},
        "service control policies never bind it",
    ),
    "an account that is suspended": ({"account": SUSPENDED, "document": KEEP}, "It is suspended"),
}


@pytest.mark.parametrize(("posted", "told"), REFUSED.values(), ids=REFUSED)
def test_where_it_cannot_be_attached_it_says_why(
    world: World, posted: dict[str, str], told: str
) -> None:
    page = signed_in().post(TRY, posted)
    assert page.status_code == 200
    assert told in words(page.content)
    assert "accounts below" not in words(page.content)


@pytest.mark.parametrize(
    ("place", "changed"),
    [
        pytest.param({"account": AUDIT}, "1 verdict of 1 of 1 account below", id="an account"),
        pytest.param({"target": "r-exam"}, "5 verdicts of 5 of 5 accounts below", id="the root"),
    ],
)
def test_it_may_be_attached_to_the_root_or_to_one_account(
    world: World, place: dict[str, str], changed: str
) -> None:
    page = words(signed_in().post(TRY, {**place, "document": KEEP}).content)
    assert f"{changed} would change" in page


@pytest.mark.parametrize("place", [{"target": OU}, {"account": AUDIT}], ids=["an OU", "an account"])
def test_a_sixth_policy_is_tried_with_a_word_about_the_quota(
    world: World, place: dict[str, str]
) -> None:
    told = Fact.objects.get(kind=organizations.policies.name)
    assert told.value
    tags = {"id": "p-tags", "type": "TAG_POLICY", "content": {"tags": {}}}
    told.value["policies"].append({**told.value["policies"][0], **tags})
    told.value["attached"][OU] = ["p-full"] * 4 + ["p-tags"]
    told.save()
    own = Fact.objects.get(kind=organizations.attached_scps.name, account=world.audit)
    own.value = ["p-full"] * 4
    own.save()
    posted = {**place, "document": KEEP}
    assert "quota" not in words(signed_in().post(TRY, posted).content)
    told.value["attached"][OU].append("p-own")
    told.save()
    own.value = ["p-full"] * 5
    own.save()
    page = words(signed_in().post(TRY, posted).content)
    assert "AWS may refuse it: 5 service control policies are attached there" in page
    assert "would change" in page


def test_a_policy_beyond_the_quota_is_tried_all_the_same(world: World) -> None:
    document = KEEP.replace('"Statement"', f'"Id": "{"x" * 6000}", "Statement"')
    page = words(signed_in().post(TRY, {"target": OU, "document": document}).content)
    assert "AWS may refuse it: it has 6,1" in page
    assert "3 verdicts of 3 of 3 accounts below would change" in page


def test_what_denies_nothing_is_said_to_limit_nothing(world: World) -> None:
    allow = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    page = words(signed_in().post(TRY, {"target": OU, "document": document}).content)
    assert "The policy denies nothing" in page
    assert "denies nothing" not in words(
        signed_in().post(TRY, {"target": OU, "document": KEEP}).content
    )


def test_what_there_is_no_time_for_is_said_to_be_left_out(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("roadmap.views.supposing.SECONDS", 0)
    page = words(signed_in().post(TRY, {"target": OU, "document": KEEP}).content)
    assert "1 verdict of 1 of 1 account below would change" in page
    assert "2 more accounts below could not be evaluated" in page


def test_an_ou_whose_policies_nobody_saw_is_not_known(world: World) -> None:
    told = Fact.objects.get(kind=organizations.policies.name)
    assert told.value
    del told.value["attached"][OU]
    told.save()
    page = words(signed_in().post(TRY, {"target": OU, "document": KEEP}).content)
    assert f"Nobody saw which policies are attached to {OU}" in page


def test_it_tries_a_policy_that_is_there_already(world: World) -> None:
    page = words(signed_in().post(TRY, {"target": OU, "policy": "p-full"}).content)
    assert "No verdict of the 3 accounts below would change" in page


def test_without_policies_seen_it_says_so(world: World) -> None:
    Fact.objects.filter(kind=organizations.policies.name).delete()
    client = signed_in()
    assert "was never collected" in words(client.get("/guardrails/").content)
    page = words(client.post(TRY, {"target": OU, "document": KEEP}).content)
    assert "The policies in force are not known" in page
