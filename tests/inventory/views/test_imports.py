"""The import pages, as a browser without JavaScript uses them."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.test import Client

from inventory.columns import Authority
from inventory.importing.headers import Headers
from inventory.models import Account, ChangeSet, CustomColumn, Role, State, Upload
from tests.inventory.conftest import SignIn

FILE = """\
Account id,Name,Owner,Colour
111122223333,<b>Shop</b>,jo@x.com,red
444455556666,Ops,not a mail,
12345678901,Lost,,
"""


@pytest.fixture
def client(sign_in: SignIn) -> Client:
    return sign_in(Role.SECURITY)


def upload(client: Client, content: str | bytes = FILE, name: str = "a.csv") -> str:
    data = content.encode() if isinstance(content, str) else content
    answer = client.post("/import/", {"file": SimpleUploadedFile(name, data)})
    assert answer.status_code == 302, answer.content.decode()
    return answer["Location"]


def preview(client: Client, address: str, **fields: str) -> str:
    answer = client.post(address, fields)
    assert answer.status_code == 302, answer.content.decode()
    return answer["Location"]


def text(answer: HttpResponseBase) -> str:
    assert isinstance(answer, HttpResponse)
    return " ".join(answer.content.decode().split())


def test_from_a_file_to_rows_and_back_again(client: Client) -> None:
    address = upload(client)
    columns = text(client.get(address))
    assert "a.csv · Text in UTF-8, separated by commas · 3 rows from row 2 on" in columns
    assert '<option value="owner" selected>Owner</option>' in columns
    assert '<option value="custom" selected>Custom column</option>' in columns
    page = preview(client, address, blank="keep", source="Q4 audit")
    assert not Account.objects.exists()
    told = text(client.get(page))
    assert "Apply the 1 good row and park 2" in told
    assert "“Colour” becomes a custom column." in told
    assert "Is not an e-mail address" in told
    assert "has 12, and zeros at its beginning may have been lost" in told
    new = text(client.get(f"{page}?show=new"))
    assert "&lt;b&gt;Shop&lt;/b&gt;" in new
    assert '<span class="quiet">Colour</span> <ins>red</ins>' in new
    assert "<b>Shop</b>" not in new
    result = client.post(f"{page}apply/", follow=True)
    assert "Undo this change set" in text(result)
    account = Account.objects.get()
    assert (account.name, account.custom) == ("<b>Shop</b>", {"x_colour": "red"})
    change_set = ChangeSet.objects.get(origin="import")
    assert (change_set.source, change_set.user_id) == (
        "Q4 audit",
        int(client.session["_auth_user_id"]),
    )
    undone = client.post(f"{page}undo/", follow=True)
    assert f"Redo change set {change_set.pk}" in text(undone)
    assert not Account.objects.exists()
    client.post(f"{undone.redirect_chain[-1][0]}undo/")
    assert Account.objects.get().name == "<b>Shop</b>"


def test_the_rows_with_errors_can_be_downloaded_with_the_reason(client: Client) -> None:
    page = preview(client, upload(client, FILE.replace("Ops", "=Ops")))
    answer = client.get(f"{page}rows-with-errors.csv")
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()  # type: ignore[attr-defined]  # a stream
    assert lines[0] == "Account id,Name,Owner,Colour,Why it was not imported"
    assert lines[1].startswith("444455556666,'=Ops,not a mail,,Owner: Is not an e-mail address")
    assert lines[2].startswith("12345678901,Lost,,,")


def test_pasted_rows_are_an_import_as_well(client: Client) -> None:
    answer = client.post("/import/", {"pasted": "Account id\tName\r\n111122223333\tShop\r\n"})
    page = preview(client, answer["Location"])
    assert "Apply 1 change " in text(client.get(page))


def test_a_column_can_be_left_out_or_become_another(client: Client) -> None:
    page = preview(
        client, upload(client, "Account id,Name,Whose\n111122223333,a,jo@x.com\n"),
        **{"column-1": "ignore", "column-2": "owner"},
    )  # fmt: skip
    client.post(f"{page}apply/")
    account = Account.objects.get()
    assert (account.name, account.contacts.get().email) == ("", "jo@x.com")
    assert not CustomColumn.objects.exists()


def test_two_columns_cannot_be_the_same(client: Client) -> None:
    address = upload(client, "Account id,Name,Whose\n111122223333,a,b\n")
    answer = client.post(address, {"column-2": "name"})
    assert answer.status_code == 400
    assert "The columns Name, Whose cannot all be name" in text(answer)
    assert not ChangeSet.objects.exists()


def test_a_file_that_changes_nothing_says_so(client: Client) -> None:
    page = preview(client, upload(client, "Account id,Name\n111122223333,a\n"))
    client.post(f"{page}apply/")
    answer = client.post(upload(client, "Account id,Name\n111122223333,a\n"), {}, follow=True)
    assert "Nothing would change: all 1 rows of a.csv are in the sheet as they are" in text(answer)
    assert ChangeSet.objects.count() == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"%PDF-1.4", "a.csv: This is a PDF document"),
        (b"x" * (26 * 2**20), "has 26 MB and 25 MB is the limit"),
    ],
)
def test_a_bad_file_is_told_beside_the_form_and_not_kept(
    client: Client, content: bytes, message: str
) -> None:
    answer = client.post("/import/", {"file": SimpleUploadedFile("a.csv", content)})
    assert answer.status_code == 400
    assert message in text(answer)
    assert not Upload.objects.exists()


def test_nothing_chosen_is_told(client: Client) -> None:
    assert "Choose a file, or paste the rows" in text(client.post("/import/", {}))


def test_a_conflict_is_told_cell_by_cell_and_writes_nothing(client: Client) -> None:
    first = preview(client, upload(client, "Account id,Name\n111122223333,a\n"))
    client.post(f"{first}apply/")
    late = preview(client, upload(client, "Account id,Name\n111122223333,b\n"))
    early = preview(client, upload(client, "Account id,Name\n111122223333,c\n"))
    client.post(f"{early}apply/")
    told = text(client.post(f"{late}apply/", follow=True))
    assert "aws:111122223333 Name is now “c”" in told
    assert "Nothing was written" in told
    assert Account.objects.get().name == "c"


def test_planning_again_from_one_upload_replaces_the_earlier_plan(client: Client) -> None:
    address = upload(client, "Account id,Name\n111122223333,a\n")
    preview(client, address)
    preview(client, address)
    states = ChangeSet.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == [State.DISCARDED, State.PLANNED]


def test_an_upload_is_for_its_user_only(client: Client, sign_in: SignIn) -> None:
    address = upload(client)
    assert sign_in(Role.ADMIN).get(address).status_code == 404


def test_uploads_are_forgotten_after_a_day_and_beyond_five(client: Client) -> None:
    first = upload(client)
    Upload.objects.update(created_at=datetime.now(UTC) - timedelta(hours=25))
    for _ in range(7):
        upload(client)
    assert client.get(first).status_code == 404
    assert Upload.objects.count() == 6  # five kept, and the one just made


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OWNER, Role.FINANCE])
def test_only_those_who_may_import_can(role: Role, client: Client, sign_in: SignIn) -> None:
    page = preview(client, upload(client, "Account id,Name\n111122223333,a\n"))
    other = sign_in(role)
    assert other.get("/import/").status_code == 403
    assert other.post("/import/", {"pasted": FILE}).status_code == 403
    assert other.post(f"{page}apply/").status_code == 403
    assert not Account.objects.exists()


def test_every_column_people_decide_can_be_chosen(client: Client) -> None:
    headers = Headers()
    offered = {target for target, _ in headers.targets()}
    decided = {n for n, c in headers.columns.items() if c.authority == Authority.SHEET}
    assert decided <= offered
