"""The demo world in Markdown, for README.md: written from its declarations, never by hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from simulated_aws.world.demo import company, remarks_by_module, themes
from simulated_aws.world.demo.expectations import Claim

BEGIN: Final = "<!-- begin: written by python -m simulated_aws --describe -->"
END: Final = "<!-- end -->"


def markdown() -> str:
    return "\n".join([BEGIN, *_items(), "", *_accounts(), END, ""])


def _items() -> Iterator[str]:
    yield "| item | verdict of most accounts | because |"
    yield "|---|---|---|"
    for theme in themes():
        yield f"| `{theme.item}` | {_verdict(theme.default)} | {theme.default.why} |"


def _accounts() -> Iterator[str]:
    yield "| account | id | unit | where it differs |"
    yield "|---|---|---|---|"
    for account in company.ACCOUNTS:
        where = account.ou or "root"
        yield f"| {account.name} | {account.id} | {where} | {_differences(account)} |"


def _differences(account: company.Account) -> str:
    differing = [
        f"`{theme.item}` **{_verdict(theme.differing[account.name])}**: "
        f"{theme.differing[account.name].why}"
        for theme in themes()
        if account.name in theme.differing
    ]
    remarks = [account.state] if not account.is_active else []
    if account.name in company.NOT_IN_SPREADSHEET:
        remarks.append("not in the spreadsheet")
    remarks += [r[account.name] for r in remarks_by_module() if account.name in r]
    return "<br>".join([*remarks, *differing])


def _verdict(claim: Claim) -> str:
    return claim.verdict or "open"
