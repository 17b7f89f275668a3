"""CodeArtifact, which moto lacks: the names of repositories."""

from __future__ import annotations

from typing import Final

from simulated_aws.answers import Result, answers
from simulated_aws.paging import Paging
from simulated_aws.wire import Call

PAGES: Final = Paging(limit=1000, size="maxResults", cursor="nextToken")
# (account, region) -> repositories as (domain, name).
REPOSITORIES: Final[dict[tuple[str, str], list[tuple[str, str]]]] = {}


@answers("codeartifact", "ListRepositories")
def list_repositories(call: Call) -> Result:
    start = f"arn:aws:codeartifact:{call.region}:{call.account}:repository"
    found = [
        {
            "name": name,
            "domainName": domain,
            "domainOwner": call.account,
            "administratorAccount": call.account,
            "arn": f"{start}/{domain}/{name}",
        }
        for domain, name in REPOSITORIES.get((call.account, call.region), [])
    ]
    return PAGES.page(call, "repositories", found)
