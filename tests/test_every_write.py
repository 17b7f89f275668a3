"""Every address that takes more than GET: a request that writes leaves an entry in the audit log.

An address that this file does not know fails the test: add how it is written to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import BaseCommand, get_commands, load_command_class
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from knox.models import AuthToken

from cairn.uploads import folder
from collectors import runs
from collectors.alternate_contacts import Details
from collectors.connecting import Found, Step
from collectors.models import Connection, ContactPush, Run, Unit
from collectors.services import account as account_service
from collectors.services.account import AlternateContact, Contacts
from inventory import ownership, proposals
from inventory.audit import chain
from inventory.audit.commands import RecordedCommand
from inventory.changes import Edit, plan, record, write
from inventory.columns import ACCOUNTS, PEOPLE
from inventory.models import (
    Account,
    AuditEntry,
    ChangeSet,
    HandOver,
    Message,
    Origin,
    Person,
    Role,
    SignIn,
    Upload,
    User,
    Webhook,
)
from roadmap import check_moves
from roadmap.decided import Kind
from roadmap.decisions import Chosen, Proposal, decide
from roadmap.exceptions import approve, ask
from roadmap.models import Finding, ScannerCheck
from tests.factories import ContactFactory, observe
from tests.organization import ORGANIZATION, PAYMENTS, PENNY
from tests.roadmap.views.test_scan_imports import SCAN
from tests.test_every_address import arguments, names, url_of, users, world

__all__ = ["arguments", "users", "world"]  # fixtures
pytestmark = pytest.mark.django_db

WRITTEN = re.compile(r'^(INSERT INTO|UPDATE|DELETE FROM) "(?!django_session|inventory_auditentry)')
# They answer and write nothing but, some of them, the session.
WRITE_NOTHING = {
    "roadmap:guardrails_try",
    "inventory:view_as",
    "inventory:view_as_stop",
    "check_provider",
}


@dataclass
class World:
    """What the recipes begin with."""

    found: dict[str, Any]
    users: dict[Role, User]
    patch: pytest.MonkeyPatch

    @property
    def admin(self) -> User:
        return self.users[Role.ADMIN]


@dataclass(frozen=True)
class Write:
    """A request that succeeds and writes; ``url`` where it is not the usual one."""

    data: dict[str, Any] = field(default_factory=dict)
    url: str = ""


Recipe = Callable[[World], Write]
ANSWER = {"claim": "done", "statement": "Written down.", "url": "https://wiki.example.com/x"}
IN_A_MONTH = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()


def planned(world: World, origin: Origin = Origin.IMPORT) -> ChangeSet:
    edit = Edit(ACCOUNTS, world.found["payments"].key, {"notes": "Planned"})
    return record(plan([edit], origin=origin), origin=origin, user=world.admin)


def of_change_set(name: str, origin: Origin = Origin.IMPORT) -> Recipe:
    return lambda world: Write({}, reverse(name, args=[planned(world, origin).pk]))


def scan() -> SimpleUploadedFile:
    return SimpleUploadedFile("scan.json", SCAN.encode(), "application/json")


def a_proposal(action: str, by: Role = Role.OWNER) -> Recipe:
    def recipe(world: World) -> Write:
        edit = Edit(ACCOUNTS, world.found["payments"].key, {"team": "Search"})
        proposal = proposals.propose(edit, source="", reason="", user=world.users[by])
        assert proposal
        url = reverse("inventory:decide_proposal", args=[proposal.pk])
        return Write({"action": action, "remark": "No."}, url)

    return recipe


def a_decision(world: World) -> Write:
    url = f"{reverse('roadmap:decide_findings')}?kind=false_positive&row={other_finding(world)}"
    return Write({"note": "A test account."}, url)


def a_decision_of_a_program(world: World) -> Write:
    return Write({"kind": "false_positive", "note": "A test.", "findings": [other_finding(world)]})


def other_finding(world: World) -> int:
    """One that nobody decided on."""
    payments = world.found["payments"]
    return Finding.objects.filter(account=payments, decided=None).latest("pk").pk


def a_settled_decision(decision: str, name: str = "roadmap:settle_decision") -> Recipe:
    def recipe(world: World) -> Write:
        asked = decide(
            world.users[Role.SECURITY],
            Proposal(Kind.FALSE_POSITIVE, "A test account."),
            Chosen([other_finding(world)]),
        )
        url = reverse(name, args=[asked.pk])
        return Write({"decision": decision, "remark": "It is none."}, url)

    return recipe


def an_exception(decision: str) -> Recipe:
    def recipe(world: World) -> Write:
        asked = ask(
            world.users[Role.OWNER],
            "surface.imdsv2",
            account=world.found["payments"],
            reason="An old image.",
            expires_at=datetime.now(UTC) + timedelta(days=30),
        )
        if decision == "end":
            approve(world.admin, asked)
        url = reverse("roadmap:decide_exception", args=[asked.pk])
        return Write({"decision": decision, "remark": "No."}, url)

    return recipe


def an_upload(world: World) -> Write:
    content = f"Account id,Notes\n{PAYMENTS},From a file\n".encode()
    Upload.objects.create(pk=UUID(int=1), user=world.admin, name="a.csv", content=content)
    return Write({"blank": "keep", "source": "a.csv"})


def a_difference(world: World) -> Write:
    Account.objects.filter(pk=world.found["payments"].pk).update(observed_name="payments-new")
    return Write({"choice": "take", "observed": "payments-new"})


def a_running_run(world: World) -> Write:
    Run.objects.update(state=Run.State.RUNNING)
    return Write()


def a_cancelled_run(world: World) -> Write:
    runs.cancel(_running(world))
    return Write()


def a_run_with_problems(world: World) -> Write:
    run: Run = world.found["run"]
    account = world.found["payments"]
    run.units.create(account=account, collector="ec2.vpcs", state=Unit.State.DENIED)
    return Write()


def _running(world: World) -> Run:
    a_running_run(world)
    run: Run = world.found["run"]
    run.refresh_from_db()
    return run


def a_connection(world: World) -> Write:
    """The test of the connection asks AWS, which is elsewhere."""

    def check(wish: object, found: Found) -> Iterator[Step]:
        found.organization_id, found.management_account_id = ORGANIZATION, "111111111111"
        yield Step("All", True, "Good.")

    world.patch.setattr("collectors.views.organizations.check", check)
    world.patch.setattr("collectors.views.organizations.is_usable", bool)
    role = "arn:aws:iam::111111111111:role/Another"
    return Write({"role_arn": role, "member_role": "Reader", "then": "connect"})


def a_security_hub(world: World) -> Write:
    world.patch.setattr("roadmap.views.scan_imports.sources", lambda connection: [])
    return Write()


def an_offer(world: World) -> Write:
    world.found["payments"].contact_set.all().delete()
    ownership.disown(world.users[Role.OWNER], world.found["payments"], "admin@example.com")
    url = reverse("inventory:answer_offer", args=[HandOver.objects.get().pk])
    return Write({"answer": "no", "note": "Nor mine."}, url)


def many_checks(world: World) -> Write:
    checks = ScannerCheck.objects.all()
    digest = check_moves.plan(checks, "visibility.cloudtrail").digest
    url = f"{reverse('roadmap:move_checks')}?item=visibility.cloudtrail&all=1"
    return Write({"digest": digest}, url)


def a_bulk_move(world: World) -> Write:
    checks = ScannerCheck.objects.all()
    digest = check_moves.plan(checks, "visibility.cloudtrail").digest
    bulk, _ = check_moves.move_together(checks, "visibility.cloudtrail", world.admin, digest)
    return Write({}, reverse("roadmap:undo_bulk_move", args=[bulk.pk]))


def a_push(
    world: World, state: ContactPush.State = ContactPush.State.PLANNED, **values: Any
) -> ContactPush:
    """A plan of two contacts; writing is on."""
    world.patch.setattr("django.conf.settings.CONTACT_PUSH", True)
    Connection.objects.update(contacts_role_arn="arn:aws:iam::111111111111:role/Contacts")
    push: ContactPush = world.found["push"]
    ContactPush.objects.filter(pk=push.pk).update(state=state, **values)
    penny = Details.of(Person.objects.get(email=PENNY))
    for kind in ("SECURITY", "OPERATIONS"):
        push.items.create(
            account=world.found["payments"], type=kind, state="change", after=asdict(penny)
        )
    world.found["payments"].contact_set.filter(person__email=PENNY).delete()
    for role in ("security", "operations"):
        ContactFactory.create(
            account=world.found["payments"], person=world.found["penny"], role=role
        )
    return push


def of_push(state: ContactPush.State, data: dict[str, Any] | None = None, **values: Any) -> Recipe:
    def recipe(world: World) -> Write:
        a_push(world, state, **values)
        return Write(data or {})

    return recipe


def an_undone_push(world: World) -> Write:
    a_push(world, ContactPush.State.FINISHED).items.update(state="done")
    return Write()


def a_plan_of_contacts(world: World) -> Write:
    a_push(world).items.all().delete()
    return Write({"types": ["SECURITY"]})


def a_contact_of_aws(world: World) -> Write:
    seen = AlternateContact("sam@example.com", "Sam Reyes", "Lead", "+4930123456")
    contacts = Contacts(alternate={"SECURITY": seen})
    observe(world.found["payments"], account_service.contacts, contacts)
    return Write({"observed": "sam@example.com"})


def a_session(world: World) -> Write:
    session = UserSession.objects.create(
        user=world.users[Role.OWNER], ip="192.0.2.1", user_agent="", session_key="k" * 32
    )
    return Write({}, reverse("end_session", args=[session.pk]))


def sessions_of(role: Role) -> Recipe:
    def recipe(world: World) -> Write:
        elsewhere = Client()
        elsewhere.force_login(world.users[role])
        UserSession.objects.create(
            user=world.users[role],
            ip="192.0.2.1",
            user_agent="",
            session_key=elsewhere.session.session_key,
        )
        return Write()

    return recipe


def a_second_factor(world: World) -> Write:
    Authenticator.objects.create(user=world.users[Role.OWNER], type="totp", data={})
    return Write()


def an_identity(world: World) -> Write:
    tie = SocialAccount.objects.create(user=world.users[Role.OWNER], provider="oidc", uid="1")
    return Write({}, reverse("untie_identity", args=[tie.user_id, tie.pk]))


def a_break_glass_use(world: World) -> Write:
    use = SignIn.objects.create(
        user=world.users[Role.SECURITY], method="password", is_break_glass=True, address="192.0.2.1"
    )
    return Write({}, reverse("break_glass_seen", args=[use.pk]))


def of_mail(decision: str, state: str) -> Recipe:
    def recipe(world: World) -> Write:
        Message.objects.filter(pk=world.found["message"].pk).update(state=state)
        return Write({"decision": decision, "row": world.found["message"].pk})

    return recipe


def a_new_webhook(world: World) -> Write:
    """Whether its host may be reached asks the network, which is elsewhere."""
    world.patch.setattr("inventory.views.webhooks.resolve", lambda *args: None)
    return Write(
        {"name": "Chat", "url": "https://hooks.example.com/y", "format": "signed",
         "events": ["import_failed"]}
    )  # fmt: skip


def a_signed_webhook(world: World) -> Write:
    Webhook.objects.update(format=Webhook.Format.SIGNED)
    return Write()


def a_webhook_that_is_off(world: World) -> Write:
    Webhook.objects.update(disabled_at=datetime.now(UTC))
    return Write({"change": "enable"})


def a_token(world: World) -> Write:
    token, _ = AuthToken.objects.create(world.admin)
    return Write({}, reverse("revoke_token", args=[token.digest]))


def always(**data: Any) -> Recipe:
    return lambda world: Write(data)


# After the name of an address may stand which of its ways to write is meant.
RECIPES: dict[str, Recipe] = {
    "roadmap:attest": always(**ANSWER),
    "roadmap:withdraw": always(),
    "roadmap:renew": always(),
    "roadmap:answer_many": always(
        item="visibility.account_baseline:account", targets=PAYMENTS, **ANSWER
    ),
    "roadmap:import_answers": always(
        pasted="item,target,claim,statement,url\n"
        f"visibility.account_baseline,{PAYMENTS},done,Written,https://wiki.example.com/x\n"
    ),
    "roadmap:decide_findings": a_decision,
    "roadmap:settle_decision": a_settled_decision("approve"),
    "roadmap:settle_decision refused": a_settled_decision("refuse"),
    "roadmap:settle_decision ended": a_settled_decision("end"),
    "decision-list": a_decision_of_a_program,
    "decision-approve": a_settled_decision("approve", "decision-approve"),
    "decision-refuse": a_settled_decision("refuse", "decision-refuse"),
    "decision-end": a_settled_decision("end", "decision-end"),
    "roadmap:ask_exception": always(
        item="surface.imdsv2", account=PAYMENTS, reason="An old image.", expires_on=IN_A_MONTH
    ),
    "roadmap:decide_exception": an_exception("approve"),
    "roadmap:decide_exception refused": an_exception("refuse"),
    "roadmap:decide_exception ended": an_exception("end"),
    "roadmap:import_findings": lambda world: Write({"file": scan()}),
    "import-findings": lambda world: Write({"file": scan()}),
    "roadmap:read_security_hub": a_security_hub,
    "roadmap:check": always(item="visibility.cloudtrail"),
    "roadmap:setting": always(place="installation:", text="example.com", then="save"),
    "roadmap:move_checks": many_checks,
    "roadmap:undo_bulk_move": a_bulk_move,
    "roadmap:cancel_scan_import": always(),
    "scan-import-cancel": always(),
    "roadmap:person": always(names="account.owner", successor="admin@example.com"),
    "inventory:confirm": always(),
    "inventory:confirm changed": always(answer="change", owner="admin@example.com"),
    "inventory:confirm not mine": always(answer="not_mine", note="Never was."),
    "inventory:answer_offer": an_offer,
    "inventory:new_campaign": always(name="Autumn", due_on=IN_A_MONTH, query="team=payments"),
    "inventory:campaign": always(action="start"),
    "inventory:campaign ended": always(action="end"),
    "inventory:drift": a_difference,
    "inventory:cell": always(value="Something else", seen="Card data"),
    "inventory:new_row": always(partition="aws", account_id="121212121212"),
    "inventory:bulk": lambda world: Write(
        {"column": "environment", "value": "sandbox", "row": world.found["payments"].pk}
    ),
    "inventory:bulk_finish": of_change_set("inventory:bulk_finish", Origin.BULK),
    "inventory:bulk_finish discarded": lambda world: Write(
        {"action": "discard"},
        of_change_set("inventory:bulk_finish", Origin.BULK)(world).url,
    ),
    "inventory:import": always(pasted=f"Account id,Notes\n{PAYMENTS},Pasted\n"),
    "inventory:import_mapping": an_upload,
    "inventory:change_set_apply": of_change_set("inventory:change_set_apply"),
    "inventory:change_set_discard": of_change_set("inventory:change_set_discard"),
    "inventory:change_set_undo": always(),
    "inventory:decide_proposal": a_proposal("accept"),
    "inventory:decide_proposal declined": a_proposal("decline"),
    "inventory:decide_proposal withdrawn": a_proposal("withdraw", Role.ADMIN),
    "collectors:start": always(),
    "collectors:cancel": a_running_run,
    "collectors:resume": a_cancelled_run,
    "collectors:retry": a_run_with_problems,
    "collectors:organization": always(is_enabled="on", interval_hours="12"),
    "collectors:connect": a_connection,
    "collectors:contacts": a_plan_of_contacts,
    "collectors:contacts_role": always(role_arn=""),
    "collectors:take_contact": a_contact_of_aws,
    "collectors:confirm_push": of_push(ContactPush.State.PLANNED),
    "collectors:cancel_push": of_push(ContactPush.State.PLANNED),
    "collectors:raise_push": of_push(ContactPush.State.PLANNED, {"changes": "2"}, ceiling=1),
    "collectors:split_push": of_push(ContactPush.State.PLANNED, ceiling=1),
    "collectors:retry_push": of_push(ContactPush.State.FAILED, confirmed_at=datetime.now(UTC)),
    "collectors:undo_push": an_undone_push,
    "break_glass_seen": a_break_glass_use,
    "end_session": a_session,
    "end_other_sessions": sessions_of(Role.ADMIN),
    "end_sessions_of": sessions_of(Role.OWNER),
    "remove_second_factors": a_second_factor,
    "untie_identity": an_identity,
    "group_mappings": always(group="engineers", role="viewer"),
    "group_mapping": always(role="security"),
    "group_mapping ended": always(end="1"),
    "inventory:webhooks": a_new_webhook,
    "inventory:webhook": a_signed_webhook,
    "inventory:change_webhook": always(change="disable"),
    "inventory:change_webhook on": a_webhook_that_is_off,
    "inventory:change_webhook removed": always(change="remove"),
    "inventory:change_webhook tried": always(change="try"),
    "inventory:decide_mail": of_mail("release", "held"),
    "inventory:decide_mail dropped": of_mail("drop", "queued"),
    "inventory:my_notifications": always(),
    "inventory:unsubscribe": always(),
    "tokens": always(days=30),
    "revoke_token": a_token,
}


@pytest.fixture
def ready(
    arguments: dict[str, Any], users: dict[Role, User], monkeypatch: pytest.MonkeyPatch
) -> Iterator[World]:
    yield World(arguments, users, monkeypatch)
    for path in folder().iterdir():
        path.unlink()


def test_every_address_that_can_be_written_to_is_known(ready: World) -> None:
    client = Client()
    client.force_login(ready.admin)
    writable = set()
    for name in names():
        allowed = client.options(url_of(name, ready.found)).headers.get("Allow", "")
        if set(re.findall(r"\w+", allowed)) & {"POST", "PUT", "PATCH", "DELETE"}:
            writable.add(name)
    known = {recipe.partition(" ")[0] for recipe in RECIPES} | WRITE_NOTHING
    assert sorted(writable - known) == []
    assert sorted(known - writable) == []


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_a_write_leaves_an_entry(name: str, ready: World) -> None:
    wanted = RECIPES[name](ready)
    name = name.partition(" ")[0]
    client = Client()
    client.force_login(ready.admin)
    before = AuditEntry.objects.count()
    with CaptureQueriesContext(connection) as queries:
        answer = client.post(wanted.url or url_of(name, ready.found), wanted.data)
    written = [q["sql"] for q in queries if WRITTEN.match(q["sql"])]
    assert answer.status_code < 400
    assert written, "The recipe writes nothing, so it proves nothing."
    entries = AuditEntry.objects.filter(number__gt=before)
    assert entries, f"{name} wrote and left no entry"
    assert {(entry.actor, entry.via) for entry in entries} == {("admin@example.com", "session")}
    assert chain.verify().broken is None


NUMBER = "+4930123456789"


@pytest.mark.parametrize("role", list(Role))
def test_every_address_that_shows_a_phone_number_tells_whose(role: Role, ready: World) -> None:
    """Whoever may see it, wherever it stands, in a page, a file or an answer of the API."""
    write_phone = Edit(PEOPLE, PENNY, {"phone": NUMBER})
    assert write([write_phone], origin=Origin.EDIT, user=ready.users[role])
    ready.found["change_set"] = ChangeSet.objects.latest("pk")
    a_push(ready)
    client = Client()
    client.force_login(ready.users[role])
    shown, untold = [], []
    for name in names():
        before = AuditEntry.objects.count()
        answer = client.get(url_of(name, ready.found))
        if NUMBER not in answer.getvalue().decode(errors="replace"):
            continue
        shown.append(name)
        told = AuditEntry.objects.filter(number__gt=before, event="contact.read", key=PENNY)
        if not told:
            untold.append(name)
    assert untold == []
    sees = role in (Role.OWNER, Role.SECURITY, Role.ADMIN)
    assert ("roadmap:account" in shown) == sees
    assert ("collectors:contact_push" in shown) == (sees and role != Role.OWNER)
    assert bool(shown) == sees


OURS = {"inventory", "collectors", "roadmap"}
# They print what is stored, or write no row.
READING = {"aws_policy", "evaluate_scps", "progress", "verdicts", "write_docs", "verify_audit_log"}


def test_every_command_that_writes_is_recorded() -> None:
    unknown = []
    for name, app in get_commands().items():
        if app in OURS and name not in READING:
            command = load_command_class(str(app), name)
            assert isinstance(command, BaseCommand)
            if not isinstance(command, RecordedCommand):
                unknown.append(name)
    assert unknown == []


def test_no_secret_stands_in_the_log(ready: World) -> None:
    """Whatever was sent and kept: no token, password or external id stands in the log."""
    client = Client()
    client.force_login(ready.admin)
    page = client.post("/tokens/", {"days": 30}).content.decode()
    token = re.search(r'id="new-token">([^<]+)<', page)
    assert token
    ready.admin.set_password("granite cairn on the ridge")
    ready.admin.save()
    told = "".join(str(row) for row in AuditEntry.objects.values())
    assert token[1] not in told
    assert ready.admin.password not in told
    assert "granite" not in told
