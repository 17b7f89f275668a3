"""What people tell Cairn that no API can: answers to items, and which of sheet and AWS is right."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from inventory.models import Role

Visit = Callable[..., Page]


def test_an_answer_for_an_account_changes_its_verdict_until_it_is_withdrawn(visit: Visit) -> None:
    page = visit(Role.SECURITY, "/accounts/111122223333/?item=visibility.account_baseline")
    item = page.locator("#account_baseline")
    verdict = item.locator("> summary .verdict")
    before = verdict.inner_text()
    assert "Pass" not in before
    item.get_by_role("link", name="Answer for this account").first.click()
    page.get_by_label("Done", exact=True).check()
    page.get_by_label("In a sentence or two").fill("Only break-glass access, reviewed each month.")
    page.get_by_label("Link to the evidence").fill("https://wiki.example.com/management-account")
    page.get_by_role("button", name="Record this answer").click()
    expect(page.locator("#messages")).to_contain_text("is recorded and judged")

    expect(verdict).to_contain_text("Pass")
    said = page.get_by_role("region", name="What people attest").get_by_role("row")
    said = said.filter(has_text="Only break-glass access")
    expect(said).to_contain_text("Tomas Herrera")
    said.get_by_role("button", name="Withdraw").click()
    expect(page.locator("#messages")).to_contain_text("withdrawn")
    expect(verdict).to_have_text(before, use_inner_text=True)


def test_an_answer_without_a_statement_is_asked_for_again(visit: Visit) -> None:
    page = visit(Role.SECURITY, "/roadmap/visibility/account_baseline/attest/account/111122223333/")
    page.locator("form[method=post] [required]").evaluate_all(
        "fields => fields.forEach((field) => field.removeAttribute('required'))"
    )
    page.get_by_label("Link to the evidence").fill("https://wiki.example.com/half-done")
    page.get_by_role("button", name="Record this answer").click()
    problems = page.locator(".field-errors")
    expect(problems).to_have_count(2)
    expect(page.get_by_label("Link to the evidence")).to_have_value(
        "https://wiki.example.com/half-done"
    )


def test_what_aws_says_is_taken_into_the_sheet_and_put_back(visit: Visit) -> None:
    page = visit(Role.SECURITY, "/accounts/505050505050/")
    identity = page.get_by_role("region", name="Identity")
    choice = identity.locator(".drift-choice").filter(has_text="warehouse-prod")
    expect(choice).to_contain_text("the sheet says “Warehouse (prod)”, AWS says “warehouse-prod”")
    choice.get_by_role("button", name="Take AWS's").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("warehouse-prod")
    expect(choice).to_have_count(0)

    page.get_by_role("region", name="History of the row").get_by_role("link").first.click()
    expect(page.locator("del")).to_have_text("Warehouse (prod)")
    page.get_by_role("button", name="Undo this change set").click()
    expect(page.locator("#messages")).to_contain_text("Undone")
    page.goto("/accounts/505050505050/")
    expect(choice).to_be_visible()
