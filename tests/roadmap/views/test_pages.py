"""What the roadmap's pages say, to whom, and at what cost."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import escape

from collectors.outcomes import Outcome
from collectors.services import s3control
from collectors.services.s3control import Flags, PublicAccessBlock
from inventory.changes import Edit, write
from inventory.columns import ACCOUNTS
from inventory.models import Account, ChangeSet, Origin, PolicySetting, Role
from roadmap.evaluation import judge
from roadmap.models import AccountVerdict, Attestation, VerdictChange
from tests.factories import NOW, AccountFactory, observe, signed_in
from tests.organization import ORGANIZATION, PAYMENTS, PENNY, SEARCH, World

pytestmark = pytest.mark.django_db

ROOT_EMAIL = "inventory.root_email"


def page(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_overview_leads_from_a_team_to_its_open_accounts(world: World) -> None:
    judge()
    shown = page(signed_in(), "/")
    assert "/accounts/?team=payments&amp;stage=3-open" in shown
    assert reverse("roadmap:team", args=["payments"]) in shown
    assert "7 never collected" in shown


def test_the_overview_without_accounts_says_what_to_do() -> None:
    shown = page(signed_in(), "/")
    assert "No accounts yet" in shown
    assert reverse("inventory:import") in shown


def test_an_owner_without_accounts_is_told_whom_to_ask(world: World) -> None:
    shown = page(signed_in(Role.OWNER, "stranger@example.com"), "/")
    assert "ask your security team" in shown
    assert "payments" not in shown


@pytest.mark.parametrize("sort", ["name", "accounts", "3", "11", "<script>"])
@pytest.mark.parametrize("by", ["team", "ou", "environment", "payer", "organization", "nonsense"])
def test_the_heat_map_is_cut_and_sorted_by_its_address(world: World, by: str, sort: str) -> None:
    judge()
    answer = signed_in().get("/", {"by": by, "sort": sort, "as_of": "yesterday"})
    assert answer.status_code == 200
    assert "<script>" not in answer.content.decode().split("<main")[1]


@pytest.mark.parametrize("url", ["/", "/roadmap/", "/roadmap/visibility/cloudtrail/"])
def test_queries_do_not_grow_with_accounts(world: World, url: str) -> None:
    judge()
    client = signed_in()
    page(client, url)
    with CaptureQueriesContext(connection) as few:
        page(client, url)
    AccountFactory.create_batch(
        20, observed_organization=world.organization, team=world.payments_team
    )
    judge()
    page(client, url)
    with CaptureQueriesContext(connection) as many:
        page(client, url)
    assert len(many) == len(few)


def test_an_account_shows_what_was_seen_and_what_was_not(world: World) -> None:
    flags = Flags(True, True, True, True)
    observe(world.payments, s3control.public_access_block, PublicAccessBlock(flags))
    judge(now=NOW)
    shown = page(signed_in(), f"/accounts/{PAYMENTS}/")
    verdict = AccountVerdict.objects.get(account=world.payments, item="visibility.cloudtrail")
    assert escape(verdict.sentence) in shown
    assert 'id="s3_block_public"' in shown
    assert "never collected" in shown


def test_the_account_page_reads_calls_only_for_an_item_that_stands_open(world: World) -> None:
    observe(world.payments, s3control.public_access_block, outcome=Outcome.ACCESS_DENIED)
    judge(now=NOW)
    client = signed_in()
    closed = page(client, f"/accounts/{PAYMENTS}/")
    opened = page(client, f"/accounts/{PAYMENTS}/?item=visibility.s3_block_public")
    assert "get_public_access_block" not in closed
    assert "get_public_access_block" in opened


def test_a_verdict_is_a_page_a_part_of_one_and_json(world: World) -> None:
    observe(world.payments, s3control.public_access_block, outcome=Outcome.ACCESS_DENIED)
    judge(now=NOW)
    client = signed_in()
    url = reverse("roadmap:verdict", args=[PAYMENTS, "visibility", "s3_block_public"])
    whole = page(client, url)
    part = client.get(url, headers={"HX-Request": "true"}).content.decode()
    found = client.get(url, {"format": "json"}).json()
    assert "<html" in whole
    assert "<html" not in part
    assert "get_public_access_block" in part
    assert found["item"] == "visibility.s3_block_public"
    assert found["verdict"] == "unknown"
    assert found["reason"] == "access_denied"


def test_an_item_names_the_owners_behind_its_failures(world: World) -> None:
    judge()
    AccountVerdict.objects.filter(item="inventory.contacts").update(status="pass")
    AccountVerdict.objects.filter(item="inventory.contacts", account=world.payments).update(
        status="fail"
    )
    shown = page(signed_in(), "/roadmap/inventory/contacts/?status=fail")
    assert PENNY in shown
    assert "sam@example.com" not in shown
    assert f"/accounts/{SEARCH}/" not in shown


def test_an_owner_sees_their_own_accounts_of_an_item_only(world: World) -> None:
    judge()
    shown = page(signed_in(Role.OWNER, PENNY), "/roadmap/inventory/contacts/")
    assert f"/accounts/{PAYMENTS}/" in shown
    assert f"/accounts/{SEARCH}/" not in shown


def test_an_answer_is_recorded_and_judged_at_once(
    world: World, django_capture_on_commit_callbacks: Callable[..., AbstractContextManager[Any]]
) -> None:
    Account.objects.filter(pk=world.payments.pk).update(observed_organization=None)
    PolicySetting.objects.create(
        name="COMPANY_EMAIL_DOMAINS", level="installation", value=["example.com"]
    )
    judge()
    url = reverse("roadmap:attest", args=["inventory", "root_email", "account", PAYMENTS])
    client = signed_in()
    incomplete = client.post(url, {"claim": "done", "statement": "Written down."})
    assert "Add a link to the evidence" in incomplete.content.decode()
    assert not Attestation.objects.exists()

    before = AccountVerdict.objects.get(account=world.payments, item=ROOT_EMAIL)
    answer = {
        "claim": "done",
        "about": "aws+payments@example.com",
        "statement": "A list of three people.",
        "url": "https://wiki.example.com/a",
    }
    with django_capture_on_commit_callbacks(execute=True):
        done = client.post(url, {**answer, "back": f"/accounts/{PAYMENTS}/"})
    assert done["Location"] == f"/accounts/{PAYMENTS}/"
    after = AccountVerdict.objects.get(account=world.payments, item=ROOT_EMAIL)
    assert (before.status, after.status) == ("unknown", "pass")

    given = Attestation.objects.get()
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("roadmap:withdraw", args=[given.pk]))
    assert (
        AccountVerdict.objects.get(account=world.payments, item=ROOT_EMAIL).status == before.status
    )


def test_answering_never_leads_to_another_site(world: World) -> None:
    url = reverse("roadmap:attest", args=["visibility", "account_baseline", "account", PAYMENTS])
    answer = {
        "claim": "done",
        "statement": "By our pipeline.",
        "url": "https://wiki.example.com/a",
        "back": "https://evil.example.net/",
    }
    assert signed_in().post(url, answer)["Location"] == "/"


def test_what_a_setting_would_change_is_shown_and_nothing_is_saved(world: World) -> None:
    half = PublicAccessBlock(Flags(True, False, True, False))
    observe(world.payments, s3control.public_access_block, half, at=datetime.now(UTC))
    judge()
    client = signed_in()
    url = reverse("roadmap:setting", args=["S3_PUBLIC_ACCOUNTS"])
    before = dict(AccountVerdict.objects.values_list("pk", "digest"))
    history = VerdictChange.objects.count()
    shown = client.post(url, {"place": "installation:", "text": PAYMENTS, "try": ""})
    told = " ".join(re.sub(r"<[^>]+>", " ", shown.content.decode()).split())
    assert "1 verdict of 1 account would change" in told
    assert "S3 Block Public Access on : ◐ Partial → ● Pass 1" in told
    assert "Nothing is saved yet" in told
    assert not PolicySetting.objects.exists()
    assert dict(AccountVerdict.objects.values_list("pk", "digest")) == before
    assert VerdictChange.objects.count() == history
    assert not ChangeSet.objects.filter(source="Tried out").exists()
    same = client.post(url, {"place": "installation:", "text": SEARCH, "try": ""})
    assert "No verdict would change" in same.content.decode()


def test_a_setting_is_checked_changed_and_taken_back(world: World) -> None:
    client = signed_in()
    url = reverse("roadmap:setting", args=["COMPANY_EMAIL_DOMAINS"])
    place = f"organization:{ORGANIZATION}"
    refused = client.post(url, {"place": place, "text": "not a domain"})
    assert "is not a domain" in refused.content.decode()
    assert not PolicySetting.objects.exists()

    client.post(url, {"place": place, "text": "Example.com\n@example.org"})
    assert PolicySetting.objects.get().value == ["example.com", "example.org"]
    assert "example.org" in page(client, "/settings/")
    shown = page(client, url)
    assert f'value="{place}" selected' in shown
    assert ">example.com\nexample.org</textarea>" in shown.replace(">\n", ">")

    client.post(url, {"place": place, "text": "", "message": "Sold."})
    assert "example.org" not in page(client, "/settings/")
    past = page(client, url).split("What it was")[1]
    assert "Sold." in past
    assert f'<span class="quiet">{world.organization.name}</span>' in past
    assert "<del>example.com\nexample.org</del>" in past
    assert "taken away" in past


def test_the_history_of_a_row_says_what_was_written_and_why(world: World) -> None:
    edit = Edit(ACCOUNTS, world.payments.key, {"environment": "staging"})
    write([edit], origin=Origin.EDIT, message="<b>Moved.</b>")
    shown = page(signed_in(), world.payments.get_absolute_url()).split("History of the row")[1]
    assert "&lt;b&gt;Moved.&lt;/b&gt;" in shown
    assert "<del>production</del> <ins>staging</ins>" in shown


def test_settings_are_found_by_name_meaning_and_item_or_by_being_set(world: World) -> None:
    client = signed_in()
    url = reverse("roadmap:setting", args=["BACKUP_MAX_AGE_HOURS"])
    client.post(url, {"place": "installation:", "text": "24"})
    only_set = page(client, "/settings/?set")
    assert "BACKUP_MAX_AGE_HOURS" in only_set
    assert "REGION_SCOPE" not in only_set
    found = page(client, "/settings/?find=isolated+BACKUPS")
    assert "BACKUP_MAX_AGE_HOURS" in found
    assert "REGION_SCOPE" not in found
    assert "No setting found" in page(client, "/settings/?find=nonesuch")


@pytest.mark.parametrize(
    ("name", "control"),
    [
        pytest.param("BACKUP_MAX_AGE_HOURS", 'type="number"', id="number"),
        pytest.param("SCP_STRICT_EXEMPTIONS", '<option value="yes"', id="yes or no"),
        pytest.param("REGION_SCOPE", '<option value="effective" selected', id="choice"),
        pytest.param("COMPANY_EMAIL_DOMAINS", "<textarea", id="list"),
    ],
)
def test_a_setting_is_written_with_what_fits_its_value(
    world: World, name: str, control: str
) -> None:
    assert control in page(signed_in(), reverse("roadmap:setting", args=[name]))
