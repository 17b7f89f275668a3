"""An empty Cairn, as `make run` serves it, and an organization that nobody has connected yet."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from simulated_aws import SimulatedAws
from tests.browser.chromium import sign_in
from tests.browser.conftest import TIMEOUT, note_errors
from tests.serving import ROOT, Served, free_port

EMAIL, PASSWORD = "wren@example.com", "granite cairn on the ridge"
LONGEST_RUN = 300_000  # milliseconds
# The simulated AWS has no limits that must be shared with others.
RATES = ("RATE_ORGANIZATIONS_TPS", "RATE_IAM_TPS", "RATE_DEFAULT_TPS")


@pytest.fixture
def page(
    chromium: Browser, simulation: SimulatedAws, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Page]:
    """The start page of an empty installation, signed in as its first administrator."""
    data = tmp_path_factory.mktemp("run") / "data"
    environment = {**simulation.environment(), "AWS_EC2_METADATA_DISABLED": "true"}
    served = Served(data, free_port(), **environment)
    errors: list[str] = []
    try:
        served.wait_for("Ctrl-C stops everything")
        subprocess.run(
            [sys.executable, "manage.py", "createsuperuser", "--noinput", "--email", EMAIL],
            cwd=ROOT,
            env={
                "PATH": os.environ["PATH"],
                "CAIRN_DATA_DIR": str(data),
                "DJANGO_SETTINGS_MODULE": "cairn.settings.dev",
                "DJANGO_SUPERUSER_PASSWORD": PASSWORD,
            },
            check=True,
        )
        context = chromium.new_context(base_url=served.url, viewport={"width": 1400, "height": 900})
        context.set_default_timeout(TIMEOUT)
        page = context.new_page()
        note_errors(page, errors)
        sign_in(page, EMAIL, PASSWORD)
        yield page
        context.close()
    finally:
        served.kill()
        simulation.reset()
    assert errors == []


def test_an_organization_is_connected_collected_and_judged(
    page: Page, simulation: SimulatedAws, violations: Callable[[Page], list[str]]
) -> None:
    expect(page.get_by_role("heading", name="No accounts yet")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("link", name="Connect an organization").click()
    _see_the_policy(page)
    _connect(page, simulation)
    for name in RATES:
        page.goto(f"/settings/{name}/")
        page.get_by_label("Value").fill("1000")
        page.get_by_role("button", name="Save and judge again").click()
        expect(page.locator("#messages")).to_contain_text(f"{name} was changed")
    page.goto("/organizations/")
    page.get_by_role("link", name="Larkfield").click()
    page.get_by_role("button", name="Collect now").click()
    _watch(page)

    problems = page.get_by_role("region", name="What could not be collected")
    refused = problems.locator("details").filter(has_text="The role could not be assumed")
    expect(refused).to_contain_text("2 accounts")
    refused.locator("summary").click()
    expect(refused.get_by_role("link", name=re.compile("5151-?5151-?5151"))).to_be_visible()
    expect(problems).to_contain_text("Create the role in the account with the template")
    expect(page.get_by_role("button", name="Retry")).to_be_visible()

    page.get_by_role("link", name="Overview").click()
    figures = page.get_by_role("region", name="Accounts in numbers")
    expect(figures.get_by_role("link", name="In an organization")).to_contain_text("30")
    score = page.locator("tfoot .heat-score").first.inner_text()
    assert 0 < int(score.split()[0]) < 100


def _see_the_policy(page: Page) -> None:
    role = page.locator("details").filter(has_text="Management role").first
    role.locator("summary").click()
    expect(role.locator("pre").last).to_contain_text("organizations:ListAccounts")
    with page.expect_download() as template:
        role.get_by_role("link", name="Download the CloudFormation template").click()
    assert page.get_by_label("External id").input_value() in template.value.path().read_text()


def _connect(page: Page, aws: SimulatedAws) -> None:
    """First with a role that is not there, which is named; then with the right one."""
    management = aws.world["management_role_arn"]
    page.get_by_label("Management role", exact=True).fill(f"{management}Missing")
    page.get_by_label("External id").fill(aws.world["external_id"])
    page.get_by_label("Name", exact=False).last.fill("Larkfield")
    page.get_by_label("Regions").fill("eu-west-1 us-east-1")
    page.get_by_role("button", name="Test the connection").click()
    tried = page.get_by_role("region", name="What the test found").get_by_role("listitem")
    expect(tried).to_have_count(1)
    expect(tried).to_contain_text("Management role: does not work")
    expect(tried).to_contain_text("sts:AssumeRole")

    page.get_by_label("Management role", exact=True).fill(management)
    page.get_by_role("button", name="Test the connection").click()
    expect(tried).to_have_count(5)
    for step in tried.all():
        expect(step).to_contain_text(": works")
    page.get_by_role("button", name="Test and connect").click()
    expect(page.locator("#messages")).to_contain_text("Larkfield is connected.")


def _watch(page: Page) -> None:
    """The bar moves without a reload until the run has finished, and never backwards."""
    page.wait_for_url("**/runs/*/")
    expect(page.locator("#run progress").first).to_be_attached()
    page.evaluate(
        """() => {
          window.seen = [];
          const look = () => {
            const known = document.querySelector("#run strong").textContent.includes("units");
            const value = document.querySelector("#run progress").value;
            if (known && window.seen.at(-1) !== value) window.seen.push(value);
          };
          new MutationObserver(look).observe(document.body, {childList: true, subtree: true});
        }"""
    )
    expect(page.locator("#run .run-state").first).to_have_text("Finished", timeout=LONGEST_RUN)
    seen = page.evaluate("window.seen")
    assert seen == sorted(seen)
    assert len(seen) > 2
    assert seen[-1] == 100
