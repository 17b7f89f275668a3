"""From the overview down to the calls a verdict rests on, as somebody asks "why?" at each step."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from inventory.models import Role

Visit = Callable[..., Page]


def test_a_cell_of_the_heat_map_leads_to_its_accounts_and_on_to_the_evidence(visit: Visit) -> None:
    page = visit(Role.VIEWER)
    page.get_by_role("row", name="Payments").get_by_role("cell").nth(1).get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Accounts")
    expect(page.locator("p.sentence")).to_contain_text("in Payments")
    rows = page.locator("tbody tr")
    for row in rows.all():
        expect(row).to_contain_text("Payments")

    rows.filter(has_text="payments-staging").get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("payments-staging")
    item = page.locator("#initial_scan")
    item.locator("summary").first.click()
    expect(item.get_by_role("heading", name="How to fix it")).to_be_visible()

    item.locator("summary").filter(has_text="Evidence").click()
    expect(item.get_by_text("Rule line")).to_be_visible()
    expect(item.get_by_role("region", name="AWS calls")).to_contain_text("343434343434")


def test_a_headline_leads_to_the_accounts_it_counts(visit: Visit) -> None:
    page = visit(Role.VIEWER)
    figures = page.get_by_role("region", name="Accounts in numbers").get_by_role("link")
    counted = figures.locator(".key-figure-number").all_inner_texts()
    assert len(counted) == 4
    for number, link in zip(counted, figures.all(), strict=True):
        page.goto(str(link.get_attribute("href")))
        assert page.locator("p.sentence").inner_text().split()[0] == number, page.url
        page.go_back()


def test_the_overview_of_an_earlier_day_keeps_its_address(visit: Visit) -> None:
    page = visit(Role.VIEWER)
    today = page.locator("tfoot .heat-score").first.inner_text()
    page.get_by_label("As of").fill("2026-07-01")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("As of 1 Jul 2026")).to_be_visible()
    assert "as_of=2026-07-01" in page.url
    assert page.locator("tfoot .heat-score").first.inner_text() != today


def test_an_item_names_the_owners_to_write_to(visit: Visit) -> None:
    page = visit(Role.SECURITY, "/roadmap/")
    page.get_by_role("link", name="First scan done, urgent issues handled").click()
    page.get_by_role("link", name="Fail", exact=False).first.click()
    expect(page.get_by_role("heading", name="Owners behind fail")).to_be_visible()
    failing = page.locator("tbody tr")
    for row in failing.all():
        expect(row.locator(".verdict")).to_contain_text("Fail")
    owners = page.get_by_role("button", name="Copy the addresses").get_attribute("data-copy")
    assert owners
    assert "owen.pryce@example.org" in owners.split("; ")


def test_on_paper_the_overview_is_one_landscape_page(visit: Visit) -> None:
    page = visit(Role.VIEWER)
    paper = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1
    box = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", paper)
    assert box
    assert float(box[1]) > float(box[2])
