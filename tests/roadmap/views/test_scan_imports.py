"""Uploading scanner files in the browser and through the API."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from knox.models import AuthToken
from kombu.exceptions import OperationalError

from cairn.uploads import folder
from inventory.models import Role
from roadmap import tasks
from roadmap.models import Finding, ScanImport
from roadmap.scan_uploads import work
from tests.factories import AccountFactory, UserFactory
from tests.roadmap.test_scan_import import MINE, PASSING, result

pytestmark = pytest.mark.django_db

START, API = "/findings/import/", "/api/v1/findings/import"
SCAN = json.dumps([result(), result(account="999988887777"), PASSING])


@pytest.fixture(autouse=True)
def account() -> Iterator[None]:
    AccountFactory.create(account_id=MINE)
    yield
    for path in folder().iterdir():
        path.unlink()


@pytest.fixture
def operator() -> Client:
    return signed_in(Role.SECURITY)


def signed_in(role: Role) -> Client:
    client = Client()
    client.force_login(UserFactory.create(role=role))
    return client


def file(content: str = SCAN, name: str = "scan.json") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content.encode(), "application/json")


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_a_file_is_uploaded_imported_and_told_of(operator: Client) -> None:
    answer = operator.post(START, {"file": file()})
    row = ScanImport.objects.get()
    assert answer.headers["Location"] == f"/findings/imports/{row.pk}/"
    page = text_of(operator.get(row.get_absolute_url()))
    assert "Waiting for a worker" in page
    assert 'hx-trigger="every 2s"' in page
    work()
    page = text_of(operator.get(row.get_absolute_url()))
    assert "<strong>3 results read</strong> in 0 s" in page
    assert "hx-trigger" not in page
    assert "9999<i></i>8888<i></i>7777" in page
    assert "They wait as sightings" in page
    assert "scan.json" in text_of(operator.get("/findings/imports/"))


def test_the_living_part_is_asked_for_alone(operator: Client) -> None:
    operator.post(START, {"file": file()})
    row = ScanImport.objects.get()
    ScanImport.objects.update(state="writing", bytes_read=row.size // 2, results=1234)
    part = text_of(operator.get(row.get_absolute_url(), headers={"HX-Request": "true"}))
    assert "<html" not in part
    assert "1,234 results written" in part
    assert 'value="74"' in part or 'value="75"' in part


def test_what_the_importer_declares_is_kept(operator: Client) -> None:
    sent = {"file": file(), "at": "2026-11-20T08:00", "regions": "us-east-1, eu-west-1 global"}
    assert operator.post(START, sent).status_code == 302
    row = ScanImport.objects.get()
    assert row.regions == ["eu-west-1", "global", "us-east-1"]
    assert row.scanned_at is not None
    assert row.scanned_at.isoformat() == "2026-11-20T08:00:00+00:00"


def test_the_importer_may_say_that_all_checks_were_made(operator: Client) -> None:
    page = text_of(operator.get(START))
    assert "This run made all checks of the tool" in page
    assert "Not for a run limited to some services" in page
    for sent in ({}, {"all_checks": "on"}):
        operator.post(START, {"file": file(), **sent})
        row = ScanImport.objects.latest("id")
        assert row.all_checks is bool(sent)
        told = "said to have made all checks" in text_of(operator.get(row.get_absolute_url()))
        assert told is bool(sent)


REFUSALS: list[Any] = [
    pytest.param({}, "This field is required", id="nothing"),
    pytest.param({"file": file("")}, "The file is empty", id="empty"),
    pytest.param({"file": file("\n\n")}, "The file is empty", id="blank"),
    pytest.param({"file": file("GIF89a", "scan.json")}, "not a scanner", id="of another kind"),
    pytest.param({"file": file("PK\x03\x04", "scan.zip")}, "compressed", id="compressed"),
    pytest.param({"file": file(), "at": "2999-01-01T00:00"}, "and now", id="of the future"),
    pytest.param({"file": file(), "at": "0001-01-01T00:00:00+05:00"}, "and now", id="too early"),
    pytest.param({"file": file(), "at": "soon"}, "valid date/time", id="no time"),
    pytest.param({"file": file(), "regions": "<b>"}, "is no Region", id="no Region"),
    pytest.param({"file": file(), "regions": "x" * 2000}, "at most 1000", id="long Region"),
]


@pytest.mark.parametrize(("sent", "told"), REFUSALS)
def test_what_cannot_be_imported_is_refused_at_once(
    sent: dict[str, Any], told: str, operator: Client
) -> None:
    if "file" in sent:
        sent["file"].seek(0)
    answer = operator.post(START, sent)
    assert answer.status_code == 400
    assert told in text_of(answer)
    assert "<b> is no Region" not in text_of(answer)
    assert not ScanImport.objects.exists()
    assert list(folder().iterdir()) == []


def large(megabytes: float) -> str:
    """A scan that no longer fits into memory, as Django sees it."""
    records = [result(message="x" * 2**16) for _ in range(int(megabytes * 16))]
    return json.dumps([*records, PASSING])


def test_a_large_file_goes_to_the_data_folder_and_no_further_than_the_limit(
    operator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = large(3)
    assert operator.post(START, {"file": file(content)}).status_code == 302
    row = ScanImport.objects.get()
    assert (folder() / str(row.stored)).read_text() == content
    assert len(list(folder().iterdir())) == 1
    monkeypatch.setattr(settings, "UPLOAD_MAX_MB", 3)
    answer = operator.post(START, {"file": file(content)})
    assert answer.status_code == 400
    assert "3 MB is the limit" in text_of(answer)
    assert "This field is required" not in text_of(answer)
    assert len(list(folder().iterdir())) == 1


def test_a_large_file_of_a_name_that_no_disk_takes(operator: Client) -> None:
    name = "a." + "x" * 3000
    assert operator.post(START, {"file": file(large(3), name)}).status_code == 302
    assert len(ScanImport.objects.get().name) == 200


def test_nothing_is_kept_of_what_a_stranger_sends(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("cairn.uploads.folder", lambda: opened.append("a file"))
    assert Client().post(START, {"file": file(large(3))}).status_code == 302
    assert signed_in(Role.VIEWER).get(START).status_code == 403
    assert opened == []


def test_uploads_are_for_those_who_may() -> None:
    for role in (Role.VIEWER, Role.FINANCE, Role.OWNER):
        assert signed_in(role).post(START, {"file": file()}).status_code == 403
        assert signed_in(role).post(API, {"file": file()}).status_code == 403
    assert not ScanImport.objects.exists()


def test_without_a_broker_the_file_waits(operator: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise OperationalError

    monkeypatch.setattr(tasks.import_scans, "delay", refuse)
    answer = operator.post(START, {"file": file()}, follow=True)
    assert "No worker could be told" in text_of(answer)
    assert ScanImport.objects.get().state == "queued"


def test_the_same_file_again_is_told_of(operator: Client) -> None:
    for _ in range(2):
        operator.post(START, {"file": file()})
        work()
    second, first = ScanImport.objects.all()
    assert second.counts["new"] == 0
    assert f"import {first.pk}" in text_of(operator.get(second.get_absolute_url()))
    assert Finding.objects.filter(source="prowler").count() == 1


def test_names_and_refused_ids_are_shown_as_text(operator: Client) -> None:
    hostile = json.dumps([result(account="<script>alert(1)</script>")])
    operator.post(START, {"file": file(hostile, "<img src=x onerror=alert(1)>.json")})
    work()
    row = ScanImport.objects.get()
    for address in (row.get_absolute_url(), "/findings/imports/"):
        page = text_of(operator.get(address))
        assert "<script>alert" not in page
        assert "<img src" not in page
    assert "&lt;script&gt;" in text_of(operator.get(row.get_absolute_url()))


def test_an_import_is_cancelled_where_it_is_seen(operator: Client) -> None:
    operator.post(START, {"file": file()})
    row = ScanImport.objects.get()
    address = f"{row.get_absolute_url()}cancel/"
    for page in (row.get_absolute_url(), "/findings/imports/"):
        assert f'action="{address}"' in text_of(operator.get(page))
    answer = operator.post(address)
    assert answer.headers["Location"] == row.get_absolute_url()
    row.refresh_from_db()
    page = text_of(operator.get(row.get_absolute_url()))
    assert f"</time> by {row.cancelled_by}. Nothing was written." in page
    assert "hx-trigger" not in page
    assert address not in page
    assert f"by {row.cancelled_by}" in text_of(operator.get("/findings/imports/"))
    assert list(folder().iterdir()) == []


def test_what_a_cancelled_import_wrote_is_told_of(operator: Client) -> None:
    operator.post(START, {"file": file()})
    row = ScanImport.objects.get()
    so_far = {"new": 41, "unmapped": 0, "refused": 0}
    ScanImport.objects.update(state="writing", counts=so_far, results=1000)
    operator.post(f"{row.get_absolute_url()}cancel/")
    page = text_of(operator.get(row.get_absolute_url()))
    assert "What it had written stays; importing the file again carries on from it." in page
    assert "What it did so far" in page
    assert '<td class="number">41</td>' in page
    assert "Left out" not in page  # Nobody has counted it.


def test_what_has_ended_says_so_when_somebody_cancels_it(operator: Client) -> None:
    operator.post(START, {"file": file()})
    work()
    row = ScanImport.objects.get()
    page = text_of(operator.post(f"{row.get_absolute_url()}cancel/", follow=True))
    assert "has ended already: imported" in page
    assert "Nothing was written" not in page


def test_cancelling_is_for_those_who_may(operator: Client) -> None:
    operator.post(START, {"file": file()})
    row = ScanImport.objects.get()
    for role in (Role.VIEWER, Role.FINANCE, Role.OWNER):
        assert signed_in(role).post(f"{row.get_absolute_url()}cancel/").status_code == 403
        assert signed_in(role).post(f"{API}s/{row.pk}/cancel/").status_code == 403
    row.refresh_from_db()
    assert row.is_active


class TestApi:
    @pytest.fixture
    def token(self) -> dict[str, str]:
        _, token = AuthToken.objects.create(UserFactory.create(role=Role.ADMIN))
        return {"Authorization": f"Bearer {token}"}

    def body(self, token: dict[str, str], content: bytes, name: str, query: str = "") -> Any:
        return Client().post(
            API + query,
            content,
            "application/octet-stream",
            headers={**token, "Content-Disposition": f"attachment; {name}"},
        )

    def test_a_form_is_taken(self, token: dict[str, str]) -> None:
        sent = {"file": file(), "regions": "eu-west-1"}
        answer = Client().post(API, sent, headers=token)
        told = answer.json()
        assert answer.status_code == 202
        assert answer.headers["Location"] == told["url"]
        assert (told["state"], told["counts"], told["regions"]) == ("queued", None, ["eu-west-1"])
        work()
        told = Client().get(told["url"], headers=token).json()
        assert (told["state"], told["counts"]["new"], told["percent"]) == ("done", 1, 100)
        assert told["unknown_accounts"] == [
            {"partition": "aws", "account": "999988887777", "results": 1}
        ]

    @pytest.mark.parametrize(("said", "is_kept"), [("true", True), ("false", False), ("", None)])
    def test_it_may_be_told_that_all_checks_were_made(
        self, said: str, is_kept: bool | None, token: dict[str, str]
    ) -> None:
        query = f"?all_checks={said}"
        for answer in (
            Client().post(API, {"file": file(), "all_checks": said}, headers=token),
            self.body(token, SCAN.encode(), 'filename="a.json"', query),
        ):
            if is_kept is None:
                assert answer.status_code == 400
                assert answer.json() == {"all_checks": ["Must be a valid boolean."]}
            else:
                assert answer.json()["all_checks"] is is_kept
        kept = set(ScanImport.objects.values_list("all_checks", flat=True))
        assert kept == (set() if is_kept is None else {is_kept})

    def test_an_import_is_cancelled(self, token: dict[str, str]) -> None:
        url = Client().post(API, {"file": file()}, headers=token).json()["url"]
        answer = Client().post(f"{url}cancel/", headers=token)
        told = answer.json()
        assert answer.status_code == 200
        assert (told["state"], told["counts"]) == ("cancelled", None)
        assert told["cancelled_by"] == ScanImport.objects.get().cancelled_by.email  # type: ignore[union-attr]  # told so
        assert told["finished_at"]
        assert work() is False
        again = Client().post(f"{url}cancel/", headers=token)
        assert again.status_code == 409
        assert "has ended already: cancelled" in again.json()["detail"]
        assert Client().get(url, headers=token).json() == told

    @pytest.mark.parametrize("megabytes", [0, 3])
    def test_a_body_is_taken(self, megabytes: int, token: dict[str, str]) -> None:
        content = large(megabytes).encode()
        answer = self.body(token, content, 'filename="../../s.json"', "?at=2026-11-20T08:00Z")
        assert answer.status_code == 202
        row = ScanImport.objects.get()
        assert (row.name, row.size) == ("s.json", len(content))
        assert row.scanned_at is not None
        assert [path.name for path in folder().iterdir()] == [str(row.stored)]

    @pytest.mark.parametrize(
        ("content", "name", "told"),
        [
            pytest.param(b"", 'filename="a"', "field is required", id="empty"),
            pytest.param(b"[]", "", "Missing filename", id="no name"),
            pytest.param(b"[]", 'filename=".."', "no name of a file", id="a folder's name"),
            pytest.param(b"GIF89a", 'filename="a.json"', "not a scanner", id="of another kind"),
            pytest.param(b"\xff\xfe\x00", "filename*=UTF-8''%00", "", id="a name of nothing"),
        ],
    )
    def test_what_cannot_be_imported_is_refused(
        self, content: bytes, name: str, told: str, token: dict[str, str]
    ) -> None:
        answer = self.body(token, content, name)
        assert answer.status_code == 400
        assert told in answer.content.decode()
        assert not ScanImport.objects.exists()

    def test_a_file_beyond_the_limit_is_not_read(
        self, token: dict[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(settings, "UPLOAD_MAX_MB", 1)
        answer = self.body(token, b"x" * 2**21, 'filename="a.json"')
        assert answer.status_code == 413
        assert "1 MB is the limit" in answer.json()["detail"]

    def test_a_body_may_be_called_whatever_the_client_likes(self, token: dict[str, str]) -> None:
        named = {**token, "Content-Disposition": 'attachment; filename="scan.json"'}
        for kind in ("application/json", "application/x-www-form-urlencoded", "text/plain"):
            assert Client().post(API, SCAN, kind, headers=named).status_code == 202

    def test_a_part_of_the_wrong_kind_is_refused(self, token: dict[str, str]) -> None:
        sent = {"file": "no file", "at": io.BytesIO(b"2026")}
        answer = Client().post(API, sent, headers=token)
        assert answer.status_code == 400
        assert "file" in answer.json()
