"""The demo as a whole: rules that decide something, whatever they are asked about."""

from collections import defaultdict
from collections.abc import Callable

from playwright.sync_api import Page

from inventory.models import Role
from roadmap.registry import items

Visit = Callable[..., Page]


def test_accounts_of_the_demo_differ_in_every_item(visit: Visit) -> None:
    page = visit(Role.SECURITY)
    statuses = defaultdict(set)
    address = "/api/v1/verdicts/?page_size=1000"
    while address:
        answer = page.request.get(address).json()
        for verdict in answer["results"]:
            statuses[verdict["item"]].add(verdict["status"])
        address = answer["next"]
    counted = [item.key for item in items().values() if item.counts]
    assert len(counted) == 37
    assert {key: found for key in counted if len(found := statuses[key]) < 2} == {}
