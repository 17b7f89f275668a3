"""Package repositories."""

from typing import Any

from hypothesis import given

from collectors.services.codeartifact import Repository, repositories
from tests.collectors.services.canned import ACCOUNT, collect, thinned

NPM = {"name": "npm", "domainName": "larkfield", "domainOwner": ACCOUNT, "arn": "arn:npm"}


def test_it_reads_the_repositories_of_all_pages() -> None:
    pages = [{"repositories": [NPM]}, {"repositories": [{"name": "pypi"}]}]
    assert collect(repositories, {"list_repositories": pages}) == (
        Repository("npm", "larkfield", ACCOUNT),
        Repository("pypi"),
    )


@given(thinned({"list_repositories": [{"repositories": [NPM]}]}))
def test_a_repository_without_a_name_is_none(answers: Any) -> None:
    (told,) = answers["list_repositories"][0]["repositories"]
    assert len(collect(repositories, answers, is_checked=False)) == ("name" in told)
