"""Every published file as it is, against facts that others counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest

from collectors.scanners import CheckStatus, Unreadable, read_results, scanner_of

FILES = Path(__file__).resolve().parents[2] / "data" / "scanner"
PASS, FAIL, UNDECIDED = CheckStatus.PASS, CheckStatus.FAIL, CheckStatus.UNDECIDED

# file: (format, results by status, account ids, a check of it)
FACTS: Mapping[str, tuple[str, Mapping[CheckStatus, int], set[str], str]] = {
    "prowler-v2.csv": (
        "prowler_csv",
        {UNDECIDED: 88, PASS: 84, FAIL: 42},
        {"123456789012"},
        "check11",
    ),
    "prowler-v2.jsonl": (
        "prowler_json",
        {FAIL: 4, PASS: 1, UNDECIDED: 1},
        {"012345678912"},
        "check114",
    ),
    "prowler-v3.json": ("prowler_json", {FAIL: 3}, {"999999999999"}, "accessanalyzer_enabled"),
    "prowler-v4.ocsf.json": (
        "prowler_ocsf",
        {FAIL: 3},
        {"123456789012"},
        "iam_role_permissive_trust_relationship",
    ),
    "prowler-v5-example.csv": (
        "prowler_csv",
        {FAIL: 2, UNDECIDED: 2},
        {"<account_uid>"},
        "accessanalyzer_enabled",
    ),
    "prowler-v5-example.ocsf.json": (
        "prowler_ocsf",
        {FAIL: 2, UNDECIDED: 3},
        {"<account_uid>"},
        "accessanalyzer_enabled",
    ),
    "prowler-v5-header-only.csv": ("prowler_csv", {}, set(), ""),
    "securityhub-asff-config.json": ("asff", {PASS: 3}, {"012345678912"}, "IAM.5"),
    "securityhub-asff-two-accounts.json": (
        "asff",
        {FAIL: 5},  # of two findings, one of three resources and one of two
        {"012345678912", "001122334455"},
        "S3.8",
    ),
    "securityhub-asff-guardduty.json": ("asff", {FAIL: 4}, {"123456789012"}, "Recon:EC2-Portscan"),
    "securityhub-asff-18-findings.json": (
        "asff",
        {FAIL: 17, PASS: 1},
        {"123456789123"},
        "cis-aws-foundations-benchmark/v/1.2.0/rule/2.5",
    ),
    "scoutsuite_results_aws-cloudtrail-only.js": (
        "scoutsuite",
        {FAIL: 16},
        {"916481805664"},
        "cloudtrail-not-configured",
    ),
    "securityhub-single/afsbp-s3.1.json": ("asff", {FAIL: 1}, {"111111111111"}, "S3.1"),
    "securityhub-single/afsbp-cloudtrail.1.json": (
        "asff",
        {FAIL: 1},
        {"111111111111"},
        "CloudTrail.1",
    ),
    "securityhub-single/afsbp-ec2.8.json": ("asff", {FAIL: 1}, {"111111111111"}, "EC2.8"),
    "securityhub-single/afsbp-ec2.2.json": ("asff", {FAIL: 1}, {"111111111111"}, "EC2.2"),
    "securityhub-single/afsbp-iam.3.json": ("asff", {FAIL: 1}, {"111111111111"}, "IAM.3"),
    "securityhub-single/pci-s3.2.json": ("asff", {PASS: 1}, {"111111111111"}, "PCI.S3.2"),
    "securityhub-single/cis-16.json": (
        "asff",
        {FAIL: 1},
        {"111111111111"},
        "cis-aws-foundations-benchmark/v/1.2.0/rule/1.6",
    ),
    "securityhub-single/cis22.json": (
        "asff",
        {FAIL: 1},
        {"111122223333"},
        "cis-aws-foundations-benchmark/v/1.2.0/rule/2.2",
    ),
}


def test_every_published_file_is_read_or_refused_here() -> None:
    published = {
        str(path.relative_to(FILES))
        for path in FILES.rglob("*")
        if path.is_file() and "licences" not in path.parts and path.name != "README.md"
    }
    assert published == set(FACTS) | set(REFUSED)


@pytest.mark.parametrize("name", FACTS)
def test_it_holds_what_others_counted(name: str) -> None:
    scanner, statuses, accounts, check = FACTS[name]
    with (FILES / name).open("rb") as file:
        assert scanner_of(file).name == scanner
        results = list(read_results(file))
    assert Counter(result.status for result in results) == statuses
    assert {result.account_id for result in results} == accounts
    assert not check or check in {result.check for result in results}
    assert all(result.check and result.region and result.severity for result in results)


REFUSED = {
    "scoutsuite_results_gcp-no-findings.js": "ScoutSuite results of gcp",
    "cloudmapper-audit-config.yaml": "not a scanner's result",
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_says_what_a_file_is_that_holds_nothing_for_us(name: str) -> None:
    with (FILES / name).open("rb") as file, pytest.raises(Unreadable, match=REFUSED[name]):
        list(read_results(file))


def test_a_check_of_every_region_names_them_wherever_it_fails() -> None:
    with (FILES / "scoutsuite_results_aws-cloudtrail-only.js").open("rb") as file:
        results = list(read_results(file))
    (regions,) = {result.looked_in for result in results}
    assert regions == {result.region for result in results}
    assert len(regions) == 16


def test_severities_are_the_tools_own() -> None:
    def severities(name: str, status: CheckStatus | None = None) -> Counter[str]:
        with (FILES / name).open("rb") as file:
            found = list(read_results(file))
        return Counter(r.severity for r in found if status in (None, r.status))

    assert severities("prowler-v2.csv", FAIL) == {
        "medium": 30,
        "informational": 5,
        "low": 3,
        "high": 3,
        "critical": 1,
    }
    assert severities("prowler-v5-example.ocsf.json") == {"medium": 4, "low": 1}
    assert severities("securityhub-asff-18-findings.json") == {
        "low": 15,
        "medium": 2,
        "informational": 1,
    }
    assert severities("scoutsuite_results_aws-cloudtrail-only.js") == {"high": 16}
