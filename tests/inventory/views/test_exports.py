import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from inventory.changes import Edit, write
from inventory.columns import ACCOUNTS
from inventory.models import Origin, Role
from tests.inventory.conftest import SignIn
from tests.inventory.sheet import ALICE, BUILD, CHECKOUT, LEDGER


def exported(client: Client, query: str) -> list[list[str]]:
    answer = client.get(f"/export/csv/?{query}")
    assert answer.status_code == 200
    assert "attachment" in answer["Content-Disposition"]
    content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]  # a download streams
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_what_is_seen_is_exported_in_its_order(security: Client) -> None:
    header, *rows = exported(security, "team=payments&sort=-name&columns=environment&per_page=50")
    assert "Environment" in header
    assert "Owner" not in header
    ids = [next(cell for cell in row if cell.strip("'=\"").isdigit()) for row in rows]
    assert [one.strip("'=\"") for one in ids] == [LEDGER, CHECKOUT]


def test_the_list_offers_its_own_rows(security: Client) -> None:
    page = security.get("/accounts/?team=payments&page=1").content.decode()
    assert 'href="/export/csv/?team=payments"' in page
    assert 'href="/export/xlsx/?team=payments"' in page


def test_an_owner_exports_no_row_of_others(acme: None, sign_in: SignIn) -> None:
    told = str(exported(sign_in(Role.OWNER, ALICE), ""))
    assert LEDGER in told
    assert BUILD not in told


def test_the_rows_are_had_as_they_were_on_a_day(security: Client) -> None:
    with time_machine.travel(datetime.now(UTC) + timedelta(days=3)):
        edit = Edit(ACCOUNTS, f"aws:{LEDGER}", {"environment": "retired"})
        write([edit], origin=Origin.EDIT)
    today = datetime.now(UTC).date()
    assert "retired" in str(exported(security, "columns=environment"))
    assert "retired" not in str(exported(security, f"columns=environment&as_of={today}"))
    assert LEDGER in str(exported(security, f"as_of={today}"))
    assert LEDGER not in str(exported(security, "as_of=2020-01-01"))


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/export/pdf/", 404),
        ("/export/csv/?state=x", 400),
        ("/export/csv/?as_of=yesterday", 400),
    ],
)
def test_what_cannot_be_exported_is_refused(security: Client, path: str, status: int) -> None:
    assert security.get(path).status_code == status
