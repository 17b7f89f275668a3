"""Every page and API route for every role: nobody is met by an error, and nobody gets in where
they may not. An address that this file does not know fails the test."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from collectors.models import Connection, ContactPush, Run
from collectors.services.organizations import policies
from inventory.changes import Edit, write
from inventory.columns import ACCOUNTS, CUSTOM_COLUMNS
from inventory.models import (
    Campaign,
    GroupMapping,
    Message,
    Origin,
    Payer,
    Role,
    Sighting,
    User,
    Webhook,
)
from inventory.outbox import Letter, queue
from inventory.outbox.unsubscribing import unsubscribe_path
from roadmap.attestations import Answer, give
from roadmap.decided import Kind
from roadmap.decisions import Chosen, Proposal, decide
from roadmap.evaluation import judge
from roadmap.models import (
    AccountVerdict,
    BulkMove,
    DailyProgress,
    Finding,
    ScanImport,
    ScannerCheck,
)
from tests import organization
from tests.factories import observe
from tests.organization import PAYMENTS, PENNY, SEARCH, World
from tests.roadmap.items.surface.guardrails import policies as told

pytestmark = pytest.mark.django_db

EVERYONE = frozenset(Role)
ADMIN = frozenset({Role.ADMIN})
OPERATORS = frozenset({Role.SECURITY, Role.ADMIN})
ADMINS = frozenset({Role.ADMIN})
RUN_READERS = OPERATORS | {Role.VIEWER}
READERS = EVERYONE - {Role.OWNER}
EDITORS = OPERATORS | {Role.OWNER}

# Who gets an answer other than 403 or 404. What is not named here is for everyone.
MAY_SEE: dict[str, frozenset[Role]] = {
    "roadmap:attest": EDITORS,
    "roadmap:ask_exception": EDITORS,
    "roadmap:orphans": READERS,
    "inventory:campaigns": READERS,
    "inventory:campaign": READERS,
    "inventory:new_campaign": OPERATORS,
    "roadmap:decide_findings": EDITORS,
    "roadmap:guardrails_try": OPERATORS,
    "roadmap:policy": READERS,
    "roadmap:answer_many": EDITORS,
    "roadmap:import_answers": EDITORS,
    "roadmap:setting": OPERATORS,
    "roadmap:withdraw": EVERYONE,
    "roadmap:import_findings": OPERATORS,
    "roadmap:scan_imports": OPERATORS,
    "roadmap:scan_import": OPERATORS,
    "roadmap:move_checks": OPERATORS,
    "roadmap:bulk_move": OPERATORS,
    "scan-import-list": OPERATORS,
    "inventory:access": OPERATORS,
    "inventory:audit": OPERATORS,
    "inventory:audit_entry": OPERATORS,
    "inventory:audit_export": OPERATORS,
    "audit-entry-list": OPERATORS,
    "audit-entry-detail": OPERATORS,
    "scan-import-detail": OPERATORS,
    "scan-import-cancel": OPERATORS,
    "roadmap:next_digest": OPERATORS,
    "roadmap:digest_sample": OPERATORS,
    "inventory:mail": OPERATORS,
    "inventory:message": OPERATORS,
    "inventory:message_html": OPERATORS,
    "inventory:webhooks": OPERATORS,
    "inventory:webhook": OPERATORS,
    "inventory:import": OPERATORS,
    "inventory:import_mapping": frozenset(),
    "inventory:confirm": EDITORS,
    "inventory:cell": EDITORS | {Role.FINANCE},  # Finance proposes.
    "inventory:new_row": OPERATORS,
    "inventory:change_set_apply": OPERATORS,
    "inventory:change_set_undo": OPERATORS,
    "inventory:change_set_discard": OPERATORS,
    "inventory:rows_with_errors": frozenset(),  # This change set parked none.
    "sign_ins_of": ADMIN,
    "sign_in_settings": ADMIN,
    "group_mappings": ADMIN,
    "group_mapping": ADMIN,
    "collectors:runs": RUN_READERS,
    "collectors:run": RUN_READERS,
    "collectors:organizations": RUN_READERS,
    "collectors:organization": RUN_READERS,
    "collectors:contacts": RUN_READERS,
    "collectors:contact_push": RUN_READERS,
    "collectors:contacts_role": ADMINS,
    "collectors:contacts_template": ADMINS,
    "collectors:connect": OPERATORS,
    "collectors:template": OPERATORS,
    # An owner sees rows of these that have to do with their accounts; these have not.
    "change-set-detail": READERS,
    "payer-detail": READERS,
    "sighting-detail": READERS,
    "run-list": RUN_READERS,
    "run-detail": RUN_READERS,
}
DONE_TO_A_PUSH = ("confirm", "cancel", "retry", "undo", "split", "raise")
# Reached by other means than looking: their GET answers 405 whoever asks.
POST_ONLY = {
    "roadmap:withdraw",
    "roadmap:renew",
    "roadmap:decide_exception",
    "roadmap:settle_decision",
    "decision-approve",
    "decision-refuse",
    "decision-end",
    "inventory:answer_offer",
    "inventory:drift",
    "inventory:view_as",
    "inventory:view_as_stop",
    "inventory:bulk",
    "inventory:bulk_finish",
    "inventory:decide_mail",
    "inventory:change_webhook",
    "inventory:change_set_apply",
    "inventory:change_set_undo",
    "inventory:change_set_discard",
    "inventory:decide_proposal",
    "roadmap:read_security_hub",
    "collectors:take_contact",
    *(f"collectors:{done}_push" for done in DONE_TO_A_PUSH),
    "collectors:cancel",
    "collectors:resume",
    "collectors:retry",
    "collectors:start",
    "revoke_token",
    "end_session",
    "end_other_sessions",
    "end_sessions_of",
    "remove_second_factors",
    "untie_identity",
    "check_provider",
    "break_glass_seen",
    "import-findings",
    "roadmap:cancel_scan_import",
    "roadmap:undo_bulk_move",
    "scan-import-cancel",
}
ONE_BY_ONE = ("finding", "decision", "sighting", "verdict", "progress")
NOT_OURS = {"admin", "auth"}
# Its address is the permission: a mail provider calls it for a reader who is signed in nowhere.
SIGNED = {"inventory:unsubscribe"}


def patterns(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            if str(entry.pattern).strip("/") in NOT_OURS:
                continue
            space = f"{prefix}{entry.namespace}:" if entry.namespace else prefix
            yield from patterns(entry, space)
        elif entry.name and "format" not in entry.pattern.regex.groupindex:
            yield f"{prefix}{entry.name}", entry


def names() -> list[str]:
    return sorted({name for name, _ in patterns(get_resolver())})


@pytest.fixture
def world() -> World:
    return organization.create()


@pytest.fixture
def users(world: World) -> dict[Role, User]:
    found: dict[Role, User] = {
        role: User.objects.create_user(f"{role.value}@example.com", "x", role=role)
        for role in Role
        if role != Role.OWNER
    }
    found[Role.OWNER] = User.objects.create_user(PENNY, "x", role=Role.OWNER)
    return found


@pytest.fixture
def arguments(world: World, users: dict[Role, User]) -> dict[str, Any]:
    """A value for every parameter that an address takes; rows that the owner Penny sees."""
    connection = Connection.objects.create(
        organization=world.organization,
        management_role_arn="arn:aws:iam::111111111111:role/CairnManagement",
    )
    run = Run.objects.create(organization=connection.organization, state=Run.State.FINISHED)
    edits = [Edit(CUSTOM_COLUMNS, "x_sox", {"label": "SOX scope"})]
    write(edits, origin=Origin.EDIT, user=users[Role.ADMIN])
    change_set = write(
        [Edit(ACCOUNTS, world.payments.key, {"notes": "Card data"})],
        origin=Origin.EDIT,
        user=users[Role.ADMIN],
    )
    assert change_set
    attestation = give(
        users[Role.SECURITY],
        "visibility.account_baseline",
        world.organization,
        Answer("done", "Written down.", "https://wiki.example.com/accounts"),
    )
    observe(world.management, policies, told())
    judge()
    day = datetime(2026, 11, 24, tzinfo=UTC)
    Payer.objects.create(account_id=organization.MANAGEMENT)
    finding = Finding.objects.filter(account=world.payments).earliest("pk")
    plan = Proposal(
        Kind.ACKNOWLEDGE, "We fix it.", due_on=datetime.now(UTC).date() + timedelta(days=9)
    )
    return {
        "decision": decide(users[Role.SECURITY], plan, Chosen([finding.pk])),
        "finding": finding,
        "sighting": Sighting.objects.create(
            account_id="919191919191", source="billing", first_seen_at=day, last_seen_at=day
        ),
        "verdict": AccountVerdict.objects.filter(account=world.payments).earliest("pk"),
        "scan_import": ScanImport.objects.create(name="scan.json", size=1, label="Prowler"),
        "bulk_move": BulkMove.objects.create(),
        "check": ScannerCheck.objects.create(tool="prowler", check_id="s3_bucket_public"),
        "progress": DailyProgress.objects.filter(dimension="team", group="Payments").earliest("pk"),
        "run": run,
        "push": ContactPush.objects.create(organization=world.organization, ceiling=50),
        "change_set": change_set,
        "attestation": attestation,
        "payments": world.payments,
        "campaign": Campaign.objects.create(name="Autumn", due_on=day),
        "penny": world.penny,
        "message": queue(
            Letter("Hello", "Something happened.", "You are Penny."),
            kind=Message.Kind.CAMPAIGN,
            key="1",
            person=world.penny,
        ),
        "webhook": Webhook.objects.create(name="Alerts", url="https://hooks.example.com/x"),
        "person": users[Role.OWNER],
        "mapping": GroupMapping.objects.create(group="cairn-owners", role=Role.OWNER),
    }


def kwargs_for(name: str, found: dict[str, Any]) -> dict[str, Any]:
    """The parameters of one address. Raises KeyError for an address nobody has thought about."""
    change_set, run = found["change_set"], found["run"]
    payments, attestation = found["payments"], found["attestation"]
    one_account = {"account_id": PAYMENTS}
    one_organization = {"organization_id": organization.ORGANIZATION}
    one_run = {"run_id": run.pk}
    one_person = {"pk": found["person"].pk}
    one_change_set = {"pk": change_set.pk}
    known: dict[str, dict[str, Any]] = {
        "roadmap:account": one_account,
        "roadmap:verdict": {**one_account, "stage": "visibility", "slug": "cloudtrail"},
        "roadmap:team": {"slug": "payments"},
        "roadmap:item": {"stage": "visibility", "slug": "cloudtrail"},
        "roadmap:attest": {
            "stage": "visibility",
            "slug": "account_baseline",
            "level": "account",
            "target": PAYMENTS,
        },
        "roadmap:withdraw": {"pk": attestation.pk},
        "roadmap:person": {"email": PENNY},
        "roadmap:renew": {"pk": attestation.pk},
        "roadmap:decide_exception": {"pk": 1},
        "roadmap:export_decisions": {"format_name": "csv"},
        "decision-approve": {"pk": found["decision"].pk},
        "decision-refuse": {"pk": found["decision"].pk},
        "decision-end": {"pk": found["decision"].pk},
        "roadmap:decision": {"pk": found["decision"].pk},
        "roadmap:settle_decision": {"pk": found["decision"].pk},
        "roadmap:read_security_hub": {"organization_id": organization.ORGANIZATION},
        "roadmap:policy": {"policy_id": "p-full"},
        "roadmap:scan_import": {"pk": found["scan_import"].pk},
        "roadmap:cancel_scan_import": {"pk": found["scan_import"].pk},
        "scan-import-detail": {"pk": found["scan_import"].pk},
        "scan-import-cancel": {"pk": found["scan_import"].pk},
        "roadmap:bulk_move": {"pk": found["bulk_move"].pk},
        "roadmap:undo_bulk_move": {"pk": found["bulk_move"].pk},
        "roadmap:check": {"pk": found["check"].pk},
        "roadmap:setting": {"name": "COMPANY_EMAIL_DOMAINS"},
        "inventory:confirm": one_account,
        "inventory:answer_offer": {"pk": 1},
        "inventory:campaign": {"pk": found["campaign"].pk},
        "inventory:bulk_finish": one_change_set,
        "inventory:drift": {"pk": payments.pk, "column": "name"},
        "inventory:cell": {"sheet": "account", "pk": payments.pk, "column": "notes"},
        "inventory:new_row": {"sheet": "account"},
        "roadmap:finding": {"pk": found["finding"].pk},
        "roadmap:export_findings": {"format_name": "csv"},
        "inventory:export": {"format_name": "csv"},
        "inventory:audit_entry": {"number": 1},
        "inventory:audit_export": {"format_name": "csv"},
        "audit-entry-detail": {"pk": 1},
        "inventory:import_mapping": {"pk": UUID(int=1)},
        "inventory:change_set": one_change_set,
        "inventory:change_set_apply": one_change_set,
        "inventory:change_set_undo": one_change_set,
        "inventory:change_set_discard": one_change_set,
        "inventory:rows_with_errors": one_change_set,
        "inventory:decide_proposal": one_change_set,
        "inventory:message": {"pk": found["message"].pk},
        "inventory:message_html": {"pk": found["message"].pk},
        "inventory:webhook": {"pk": found["webhook"].pk},
        "inventory:change_webhook": {"pk": found["webhook"].pk},
        "inventory:unsubscribe": {
            "token": unsubscribe_path(found["penny"], Message.Kind.DIGEST).split("/")[-2]
        },
        "roadmap:digest_sample": {"pk": found["penny"].pk},
        "collectors:run": one_run,
        "collectors:cancel": one_run,
        "collectors:resume": one_run,
        "collectors:retry": one_run,
        "collectors:organization": {"organization_id": organization.ORGANIZATION},
        "collectors:start": {"organization_id": organization.ORGANIZATION},
        "collectors:template": {"kind": "member", "form": "json"},
        "collectors:take_contact": {"pk": payments.pk, "kind": "SECURITY"},
        "collectors:contacts": one_organization,
        "collectors:contacts_role": one_organization,
        "collectors:contacts_template": {**one_organization, "form": "yaml"},
        "account-detail": one_account,
        "team-detail": {"slug": "payments"},
        "person-detail": {"email": PENNY},
        "organization-detail": {"organization_id": organization.ORGANIZATION},
        "item-detail": {"key": "visibility.cloudtrail"},
        "revoke_token": {"digest": "0" * 128},
        "sign_ins_of": one_person,
        "end_sessions_of": one_person,
        "remove_second_factors": one_person,
        "untie_identity": {**one_person, "identity": 1},
        "end_session": {"pk": 1},
        "check_provider": {"protocol": "oidc"},
        "break_glass_seen": {"pk": 1},
        "group_mapping": {"pk": found["mapping"].pk},
        "run-detail": {"pk": run.pk},
        "payer-detail": {"account_id": organization.MANAGEMENT},
        "change-set-detail": one_change_set,
        "attestation-detail": {"pk": attestation.pk},
    }
    by_pk = {f"{kind}-detail": kind for kind in ONE_BY_ONE}
    pushing = {f"collectors:{done}_push" for done in DONE_TO_A_PUSH}
    if name in pushing | {"collectors:contact_push"}:
        return {**one_organization, "push_id": found["push"].pk}
    if name in by_pk:
        return {"pk": found[by_pk[name]].pk}
    return known[name]


def url_of(name: str, found: dict[str, Any]) -> str:
    takes = any(p.pattern.regex.groups for n, p in patterns(get_resolver()) if n == name)
    return reverse(name, kwargs=kwargs_for(name, found) if takes else None)


def expected(name: str, role: Role) -> tuple[int, ...]:
    may_see = role in MAY_SEE.get(name, EVERYONE)
    if name in POST_ONLY:
        return (405,) if may_see else (403, 405)
    return (200, 302) if may_see else (403, 404)


@pytest.mark.parametrize("role", list(Role))
def test_a_role_sees_what_it_may_and_nothing_else(
    role: Role, users: dict[Role, User], arguments: dict[str, Any]
) -> None:
    client = Client()
    client.force_login(users[role])
    found = {name: client.get(url_of(name, arguments)).status_code for name in names()}
    wrong = {n: status for n, status in found.items() if status not in expected(n, role)}
    assert wrong == {}


def test_nobody_gets_in_without_signing_in(arguments: dict[str, Any]) -> None:
    let_in = []
    for name in sorted(set(names()) - SIGNED):
        answer = Client().get(url_of(name, arguments))
        sent_away = answer.status_code == 302 and answer.headers["Location"].startswith(
            reverse("account_login")
        )
        if not sent_away and answer.status_code not in (401, 403, 405):
            let_in.append(name)
    assert let_in == []


@pytest.mark.parametrize(
    "name",
    [
        "roadmap:account",
        "roadmap:verdict",
        "inventory:cell",
        "inventory:drift",
        "inventory:confirm",
        "account-detail",
    ],
)
def test_an_owner_does_not_find_an_account_of_others(
    name: str, users: dict[Role, User], arguments: dict[str, Any], world: World
) -> None:
    client = Client()
    client.force_login(users[Role.OWNER])
    ask = client.post if name in POST_ONLY else client.get
    url = url_of(name, arguments)
    foreign = url.replace(PAYMENTS, SEARCH).replace(
        f"/{world.payments.pk}/", f"/{world.search.pk}/"
    )
    assert foreign != url
    assert ask(url).status_code in (200, 302)
    assert ask(foreign).status_code == 404
