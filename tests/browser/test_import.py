"""Importing a spreadsheet as somebody does who has it on their desk."""

import base64
import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from inventory.models import Account, ChangeSet, Role
from tests.inventory.sheet import user

SignIn = Callable[..., None]

SHEETS = Path(__file__).resolve().parents[2] / "simulated_aws" / "data"
MESSY, BROKEN = SHEETS / "accounts.csv", SHEETS / "accounts-broken.csv"
PASSWORD = "a long passphrase"
DROP = """([name, content]) => {
  const bytes = Uint8Array.from(atob(content), (one) => one.charCodeAt(0));
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([bytes], name, {type: "text/csv"}));
  for (const kind of ["dragover", "drop"]) {
    document.body.dispatchEvent(
      new DragEvent(kind, {dataTransfer, bubbles: true, cancelable: true})
    );
  }
}"""


@pytest.fixture
def start(page: Page, sign_in: SignIn, transactional_db: None) -> Page:
    """The first step of an import, as security sees it."""
    sign_in(page, user(Role.SECURITY).email, PASSWORD, "/import/")
    return page


def test_a_dropped_file_is_mapped_previewed_applied_and_undone(start: Page) -> None:
    content = base64.b64encode(MESSY.read_bytes()).decode()
    start.evaluate(DROP, [MESSY.name, content])
    expect(start.get_by_role("heading", level=1)).to_have_text("What the columns are")
    expect(start.get_by_label("Biz Unit")).to_have_value("team")
    custom = start.get_by_label("SOX scope")
    expect(custom.locator("option:checked")).to_have_text("Custom column")
    start.get_by_label("Cost Code").select_option(label="Leave out")

    start.get_by_role("button", name="Show what would change").click()
    expect(start.get_by_role("heading", level=1)).to_have_text("What would change")
    expect(start.locator("main")).to_contain_text("“SOX scope” becomes a custom column.")
    expect(start.locator("main")).to_contain_text("“Cost Code”")
    assert Account.objects.count() == 0
    start.get_by_role("link", name="Repaired").click()
    expect(start.get_by_role("row", name="Row 5")).to_contain_text("4.44455556666E+11")

    start.get_by_role("button", name="Apply the 27 good rows and park 2").click()
    expect(start.locator("#messages")).to_contain_text("can be undone here")
    start.goto("/accounts/?q=payments-prod&columns=name&columns=x_sox_scope")
    expect(start.get_by_role("row", name="3030")).to_contain_text("yes")

    start.goto(f"/changes/{ChangeSet.objects.get(origin='import').pk}/")
    start.get_by_role("button", name="Undo this change set").click()
    expect(start.locator("#messages")).to_contain_text("Undone")
    start.goto("/accounts/")
    expect(start.get_by_role("heading", name="No accounts yet")).to_be_visible()


def test_rows_with_errors_are_parked_and_can_be_downloaded(start: Page) -> None:
    start.get_by_label("A file", exact=True).set_input_files(BROKEN)
    start.get_by_role("button", name="Continue to the columns").click()
    start.get_by_role("button", name="Show what would change").click()
    expect(start.get_by_role("row", name="Row 4")).to_contain_text("Was rounded to 1.23E+11")
    expect(start.get_by_role("row", name="Row 13")).to_contain_text("aws+backup-vault@example")
    start.get_by_role("button", name="good rows and park 10").click()
    expect(start.locator("#messages")).to_contain_text("Applied")
    with start.expect_download() as download:
        start.get_by_role("link", name="Download the rows with errors").click()
    rows = list(csv.reader(io.StringIO(download.value.path().read_text("utf-8-sig"))))
    assert len(rows) == 1 + 10
    assert "1.23E+11" in rows[2]
    assert "the other digits are lost" in rows[2][-1]


def test_a_file_that_is_no_spreadsheet_is_refused_where_it_was_chosen(start: Page) -> None:
    start.get_by_label("A file", exact=True).set_input_files(
        {"name": "photo.xlsx", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n" + bytes(99)}
    )
    start.get_by_role("button", name="Continue to the columns").click()
    expect(start.get_by_role("alert")).to_contain_text("photo.xlsx")
    expect(start.get_by_label("A file", exact=True)).to_be_visible()


def test_the_steps_of_an_import_have_no_accessibility_violation(
    start: Page, violations: Callable[[Page], list[str]]
) -> None:
    found = {"start": violations(start)}
    start.get_by_label("A file", exact=True).set_input_files(BROKEN)
    start.get_by_role("button", name="Continue to the columns").click()
    for step in ("What the columns are", "What would change"):
        expect(start.get_by_role("heading", level=1)).to_have_text(step)
        found[step] = violations(start)
        start.get_by_role("button", name="Show what would change").or_(
            start.get_by_role("button", name="Back to the columns")
        ).click()
    assert {step: problems for step, problems in found.items() if problems} == {}


def test_without_scripts_pasted_rows_are_imported(
    start: Page, open_context: Callable[..., BrowserContext]
) -> None:
    plain = open_context(
        java_script_enabled=False, storage_state=start.context.storage_state()
    ).new_page()
    plain.goto("/import/")
    pasted = "Account ID\tName\tTeam\n111122223333\tcheckout\tPayments\n"
    plain.get_by_label("Or the rows, copied from a spreadsheet").fill(pasted)
    plain.get_by_role("button", name="Continue to the columns").click()
    plain.get_by_role("button", name="Show what would change").click()
    plain.get_by_role("button", name="Apply 1 change").click()
    expect(plain.locator("#messages")).to_contain_text("Applied")
    assert Account.objects.get().account_id == "111122223333"
