"""What each format says of a result, and what is refused and why."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from collectors.scanners import CheckResult, CheckStatus, Unreadable, read_results, scanner_of
from collectors.scanners.results import GLOBAL

ACCOUNT = "111122223333"
ARN = f"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/i-1"
AT = "2026-11-20T08:00:00Z"


def read(content: str | bytes) -> list[CheckResult]:
    data = content.encode() if isinstance(content, str) else content
    return list(read_results(io.BytesIO(data)))


def ocsf(**more: Any) -> dict[str, Any]:
    record = {
        "metadata": {"event_code": "ec2_instance_public_ip", "product": {"version": "5.13.0"}},
        "status_code": "FAIL",
        "status": "New",
        "status_detail": "i-1 has a public address.",
        "severity": "High",
        "time_dt": AT,
        "finding_info": {"title": "No public addresses"},
        "resources": [{"uid": ARN, "region": "eu-west-1", "cloud_partition": "aws"}],
        "cloud": {"provider": "aws", "account": {"uid": ACCOUNT}, "region": "eu-west-1"},
        "unmapped": {"scan_id": "scan-1"},
    }
    return record | more


def asff(**more: Any) -> dict[str, Any]:
    finding = {
        "SchemaVersion": "2018-10-08",
        "ProductArn": "arn:aws:securityhub:eu-west-1::product/aws/securityhub",
        "GeneratorId": "security-control/EC2.9",
        "AwsAccountId": ACCOUNT,
        "Region": "eu-west-1",
        "RecordState": "ACTIVE",
        "Title": "No public addresses",
        "Severity": {"Label": "HIGH"},
        "Compliance": {"Status": "FAILED", "SecurityControlId": "EC2.9"},
        "Workflow": {"Status": "NEW"},
        "Resources": [{"Id": ARN, "Region": "eu-west-1", "Partition": "aws"}],
        "UpdatedAt": AT,
        "Types": ["Software and Configuration Checks/Standards"],
    }
    return finding | more


CSV_5 = (
    "TIMESTAMP;ACCOUNT_UID;PROVIDER;CHECK_ID;CHECK_TITLE;STATUS;STATUS_EXTENDED;MUTED;SEVERITY;"
    "RESOURCE_UID;PARTITION;REGION\n"
)


def test_an_ocsf_finding() -> None:
    (result,) = read(json.dumps([ocsf()]))
    assert result == CheckResult(
        tool="prowler",
        account_id=ACCOUNT,
        check="ec2_instance_public_ip",
        status=CheckStatus.FAIL,
        region="eu-west-1",
        resource=ARN,
        title="No public addresses",
        detail="i-1 has a public address.",
        severity="high",
        at=datetime(2026, 11, 20, 8, tzinfo=UTC),
        partition="aws",
        muted=False,
        version="5.13.0",
        scan_id="scan-1",
    )


@pytest.mark.parametrize("between", ["", "\n", "\r\n\r\n"])
def test_ocsf_findings_one_after_the_other(between: str) -> None:
    records = between.join(json.dumps(ocsf(status_code=status)) for status in ("PASS", "FAIL"))
    assert read(records) == read(json.dumps([ocsf(status_code="PASS"), ocsf()]))


def test_csv_and_ocsf_of_one_run_say_the_same() -> None:
    row = (
        f"2026-11-20 08:00:00;{ACCOUNT};aws;ec2_instance_public_ip;No public addresses;FAIL;"
        f"i-1 has a public address.;False;high;{ARN};aws;eu-west-1\n"
    )
    (by_ocsf,) = read(json.dumps([ocsf()]))
    # A CSV names neither the scanner's version nor the run.
    assert read(CSV_5 + row) == [replace(by_ocsf, version="", scan_id="")]


@pytest.mark.parametrize(
    ("more", "changed"),
    [
        pytest.param({"status": "Suppressed"}, {"muted": True}, id="muted"),
        pytest.param({"status_code": "MANUAL"}, {"status": "undecided"}, id="manual"),
        pytest.param({"status_code": "TOMORROW"}, {"status": "undecided"}, id="unknown status"),
        pytest.param({"status_code": None}, {"status": "undecided"}, id="no status"),
        pytest.param({"resources": []}, {"resource": "", "region": "eu-west-1"}, id="no resource"),
        pytest.param(
            {
                "resources": [],
                "cloud": {"provider": "aws", "account": {"uid": ACCOUNT}},
            },
            {"region": GLOBAL},
            id="no Region",
        ),
        pytest.param(
            {"time_dt": None, "time": 1763625600},
            {"at": datetime(2025, 11, 20, 8, tzinfo=UTC)},
            id="seconds since 1970",
        ),
        pytest.param({"time_dt": "soon"}, {"at": None}, id="no time"),
        pytest.param({"severity": "Fatal"}, {"severity": "fatal"}, id="a severity of its own"),
        pytest.param({"resources": "none"}, {"resource": ""}, id="resources of another type"),
    ],
)
def test_parts_of_an_ocsf_finding(more: dict[str, Any], changed: dict[str, Any]) -> None:
    (result,) = read(json.dumps([ocsf(**more)]))
    assert {name: getattr(result, name) for name in changed} == changed


@pytest.mark.parametrize(
    "wrap",
    [
        pytest.param(lambda f: json.dumps({"Findings": [f]}), id="as the API answers"),
        pytest.param(lambda f: json.dumps({"findings": [f]}, indent=2), id="lower case"),
        pytest.param(lambda f: json.dumps([f]), id="a list"),
        pytest.param(json.dumps, id="a single finding"),
        pytest.param(lambda f: json.dumps(f, indent=4), id="a single finding, indented"),
        pytest.param(lambda f: json.dumps(f) + "\n", id="one a line"),
        pytest.param(lambda f: "\ufeff" + json.dumps([f]), id="with a byte-order mark"),
        pytest.param(
            lambda f: json.dumps(
                {
                    "detail-type": "Security Hub Findings - Imported",
                    "source": "aws.securityhub",
                    "detail": {"findings": [f]},
                }
            ),
            id="an event",
        ),
        pytest.param(
            lambda f: json.dumps(
                {"NextToken": "x", "Findings": [f], "ResponseMetadata": {"RequestId": "1"}}
            ),
            id="among other things",
        ),
    ],
)
def test_security_hub_findings_in_every_wrapping(wrap: Any) -> None:
    (result,) = read(wrap(asff()))
    assert (result.tool, result.check, result.status) == (
        "securityhub",
        "EC2.9",
        CheckStatus.FAIL,
    )
    assert (result.account_id, result.resource, result.severity) == (ACCOUNT, ARN, "high")


def test_events_and_findings_one_a_line() -> None:
    assert len(read("\n".join(json.dumps(asff()) for _ in range(3)))) == 3
    event = {"detail-type": "x", "detail": {"findings": [asff(), asff()]}}
    assert len(read("\n".join([json.dumps(event)] * 2))) == 4


@pytest.mark.parametrize(
    ("more", "changed"),
    [
        pytest.param({"Compliance": {"Status": "PASSED"}}, {"status": "pass"}, id="passed"),
        pytest.param({"Compliance": {"Status": "WARNING"}}, {"status": "undecided"}, id="warning"),
        pytest.param(
            {"Compliance": {"Status": "NOT_AVAILABLE"}}, {"status": "undecided"}, id="no data"
        ),
        pytest.param({"Workflow": {"Status": "SUPPRESSED"}}, {"muted": True}, id="suppressed"),
        pytest.param(
            {"GeneratorId": "prowler-iam_no_root_access_key", "Compliance": {"Status": "FAILED"}},
            {"tool": "prowler", "check": "iam_no_root_access_key"},
            id="Prowler's",
        ),
        pytest.param(
            {
                "GeneratorId": "aws-foundational-security-best-practices/v/1.0.0/IAM.3",
                "Compliance": {"Status": "FAILED"},
            },
            {"check": "IAM.3"},
            id="a standard's control",
        ),
        pytest.param(
            {"Compliance": None, "Workflow": {"Status": "RESOLVED"}},
            {"status": "undecided"},
            id="another product's, resolved",
        ),
        pytest.param({"Resources": []}, {"resource": "", "region": "eu-west-1"}, id="no resource"),
        pytest.param(
            {"ProductArn": "arn:aws-us-gov:securityhub:x::product/aws/x", "Resources": []},
            {"partition": "aws-us-gov"},
            id="another partition",
        ),
    ],
)
def test_parts_of_a_security_hub_finding(more: dict[str, Any], changed: dict[str, Any]) -> None:
    (result,) = read(json.dumps({"Findings": [asff(**more)]}))
    assert {name: getattr(result, name) for name in changed} == changed


def test_an_archived_finding_is_none() -> None:
    assert read(json.dumps([asff(RecordState="ARCHIVED"), asff()])) == read(json.dumps([asff()]))


def scoutsuite(findings: dict[str, Any], **more: Any) -> str:
    services = {"ec2": {"regions": {"eu-west-1": {"vpcs": {}}}, "findings": findings}}
    results = {
        "services": services,
        "provider_code": "aws",
        "account_id": ACCOUNT,
        "partition": "aws",
        "last_run": {"time": "2026-11-20 08:00:00+0000", "version": "5.14.0"},
    } | more
    return f"scoutsuite_results =\n{json.dumps(results)}"


def rule(checked: int, *items: str, level: str = "danger") -> dict[str, Any]:
    return {
        "checked_items": checked,
        "flagged_items": len(items),
        "items": list(items),
        "level": level,
        "description": "Public address",
    }


def test_scoutsuite_rules() -> None:
    found = read(
        scoutsuite(
            {
                "ec2-instance-with-public-ip": rule(
                    3, "ec2.regions.eu-west-1.vpcs.vpc-1.instances.i-1"
                ),
                "ec2-ami-public": rule(5, level="warning"),
                "ec2-nothing-there": rule(0),
            }
        )
    )
    assert [(r.check, r.status, r.region, r.resource, r.severity) for r in found] == [
        ("ec2-instance-with-public-ip", CheckStatus.FAIL, "eu-west-1", ARN, "high"),
        ("ec2-ami-public", CheckStatus.PASS, GLOBAL, "", "medium"),
    ]
    assert {(r.account_id, r.at, r.version) for r in found} == {
        (ACCOUNT, datetime(2026, 11, 20, 8, tzinfo=UTC), "5.14.0")
    }


LOOKED_IN: list[Any] = [
    pytest.param("ec2.regions.id.vpcs.id.instances.id", {"eu-west-1", "us-gov-east-1"}, id="each"),
    pytest.param("ec2.vpcs.id", set(), id="of a service with Regions, but not in each"),
    pytest.param("iam.regions.id", set(), id="of a service that names none"),
    pytest.param("s3.buckets.id", set(), id="of a service without Regions"),
    pytest.param(None, set(), id="that does not say"),
]


@pytest.mark.parametrize(("path", "regions"), LOOKED_IN)
@pytest.mark.parametrize("items", [(), ("ec2.regions.eu-west-1.x",)], ids=["passed", "failed"])
def test_the_regions_in_which_scoutsuite_made_a_check(
    path: str | None, regions: set[str], items: tuple[str, ...]
) -> None:
    ec2 = {"regions": {"eu-west-1": {}, "us-gov-east-1": {}, "id": {}}, "regions_count": 2}
    services = {"ec2": {"findings": {"x": rule(3, *items) | {"path": path}}, **ec2}}
    services |= {"s3": {"findings": {}, "buckets": {"regions": {"eu-north-1": {}}}}}
    (result,) = read(scoutsuite({}, services=services))
    assert result.looked_in == regions


def test_scoutsuite_results_of_more_regions_than_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("collectors.scanners.scoutsuite.MOST_REGIONS", 3)
    services: dict[str, Any] = {
        name: {"findings": {}, "regions": {f"eu-west-{n}": {} for n in range(2)}}
        for name in ("ec2", "rds")
    }
    with pytest.raises(Unreadable, match="more Regions than AWS has"):
        read(scoutsuite({}, services=services))


AUDIT = {
    "account_id": ACCOUNT,
    "account_name": "demo",
    "region": "eu-west-1",
    "issue": "RDS_PUBLIC_IP",
    "resource": "arn:aws:rds:eu-west-1:111122223333:db:press",
    "details": None,
    "finding_type_metadata": {"severity": "High", "title": "RDS has a public address"},
}


def test_cloudmapper_says_the_same_a_line_and_as_report() -> None:
    hit = {"resource": AUDIT["resource"], "details": "null"}
    account = {"account_name": "demo", "regions": {"eu-west-1": {"hits": [hit]}}}
    kind = {"title": "RDS has a public address", "severity": "High", "description": ""}
    report = {"RDS": {"RDS_PUBLIC_IP": kind | {"accounts": {ACCOUNT: account}}}}
    (result,) = read(json.dumps(AUDIT) + "\n")
    assert (result.check, result.status, result.severity, result.region) == (
        "RDS_PUBLIC_IP",
        CheckStatus.FAIL,
        "high",
        "eu-west-1",
    )
    assert read(json.dumps(report)) == [result]


def node(kind: str, arn: str, hostname: str, ports: str = "443", **more: Any) -> dict[str, Any]:
    """As CloudMapper's public prints it."""
    groups = {"sg-1": {"GroupId": "sg-1", "GroupName": "web", "public_ports": ports}}
    told = {"account": "demo", "arn": arn, "hostname": hostname, "ports": ports, "type": kind}
    return told | ({"public_sgs": groups} if arn.startswith("arn:") else {}) | more


LOAD_BALANCER = "arn:aws:elasticloadbalancingv2:eu-west-1:111122223333:instance/shop/vpc-1"
PUBLIC = [
    node("ec2", ARN, "52.1.2.3", "22,443", tags=[{"Key": "Name", "Value": "shop"}]),
    node("elbv2", f"{LOAD_BALANCER}.subnet-0a1b2c3d", "shop-1.eu-west-1.elb.amazonaws.com"),
    node("redshift", "dw.c1.eu-north-1.redshift.amazonaws.com.subnet-0a1b",
         "dw.c1.eu-north-1.redshift.amazonaws.com", "5439"),
    node("ecs", "arn:aws-us-gov:ecs:us-gov-east-1:111122223333:task/9", "52.1.2.4", ""),
    node("cloudfront", "arn:aws:cloudfront::111122223333:distribution/E1", "d1.cloudfront.net",
         "80,443"),
    node("apigateway", "a1b2", "a1b2.execute-api.eu-west-1.amazonaws.com", "80,443"),
    node("apigateway", "c3d4", "c3d4.execute-api.us-east-1.amazonaws.com", account="other"),
]  # fmt: skip


@pytest.mark.parametrize("indent", [None, 4])
def test_what_cloudmapper_says_is_public(indent: int | None) -> None:
    found = read(json.dumps(PUBLIC, indent=indent, sort_keys=True))
    assert [(r.check, r.account_id, r.partition, r.region, r.resource) for r in found] == [
        ("ec2", ACCOUNT, "aws", "eu-west-1", ARN),
        ("elbv2", ACCOUNT, "aws", "eu-west-1", LOAD_BALANCER),
        ("redshift", ACCOUNT, "aws", "eu-north-1", "dw.c1.eu-north-1.redshift.amazonaws.com"),
        ("ecs", ACCOUNT, "aws-us-gov", "us-gov-east-1", PUBLIC[3]["arn"]),
        ("cloudfront", ACCOUNT, "aws", GLOBAL, PUBLIC[4]["arn"]),
        ("apigateway", ACCOUNT, "aws", "eu-west-1", "a1b2.execute-api.eu-west-1.amazonaws.com"),
        ("apigateway", "other", "aws", "us-east-1", "c3d4.execute-api.us-east-1.amazonaws.com"),
    ]
    assert {(r.tool, r.status, r.at, r.severity) for r in found} == {
        ("cloudmapper_public", CheckStatus.FAIL, None, "")
    }
    assert found[0].detail == "52.1.2.3, ports 22,443, by sg-1."
    assert found[3].detail == "52.1.2.4, no TCP or UDP port, by sg-1."


@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param("", "empty", id="empty"),
        pytest.param(
            "<!DOCTYPE html>\n<html>\n<head>\n<title>CloudMapper AWS Security Report</title>",
            "CloudMapper's report, a web page; import what its commands audit --json and public",
            id="CloudMapper's report",
        ),
        pytest.param(
            "HIGH - demo (eu-west-1) - RDS has a public address: press\n",
            "CloudMapper audit in words; import what its commands audit --json",
            id="CloudMapper's audit without --json",
        ),
        pytest.param(
            "*Audit Finding: [HIGH] - RDS has a public address*\\nAccount: demo (1) - eu-west-1",
            "CloudMapper audit in words",
            id="CloudMapper's audit with --markdown",
        ),
        pytest.param("\0" * 100, "empty", id="zeros"),
        pytest.param(b"\x1f\x8b\x08\0\0", "compressed", id="gzip"),
        pytest.param(b"PK\x03\x04", "compressed", id="zip"),
        pytest.param(b"\xfd\xfe\x00\x01" * 40, "not a scanner's result", id="bytes"),
        pytest.param("[{}]".encode("utf-16"), "UTF-16", id="of PowerShell"),
        pytest.param("version https://git-lfs.github.com/spec/v1\n", "Git LFS", id="pointer"),
        pytest.param("<!DOCTYPE html><title>Sign in</title>", "web page", id="web page"),
        pytest.param("scoutsuite_exceptions =\n{}", "not the results", id="exceptions"),
        pytest.param(
            "PROVIDER;DESCRIPTION;ACCOUNTID;REGION;REQUIREMENTS_ID;STATUS;CHECKID\naws;x;1;x;1;PASS;y",
            "compliance CSV",
            id="compliance",
        ),
        pytest.param(
            json.dumps([{"accountId": "1", "schemaVersion": "2.0", "service": {}, "type": "x"}]),
            "GuardDuty's own format",
            id="GuardDuty",
        ),
        pytest.param(
            json.dumps(
                {
                    "detail-type": "GuardDuty Finding",
                    "detail": {
                        "accountId": "1",
                        "schemaVersion": "2.0",
                        "service": {},
                        "type": "x",
                    },
                }
            ),
            "GuardDuty's own format",
            id="GuardDuty event",
        ),
        pytest.param("[]", "no finding", id="empty list"),
        pytest.param('{"Findings": []}', "no finding", id="no findings"),
        pytest.param('{"a": 1}', "not a scanner's result", id="any JSON"),
        pytest.param("a,b\n1,2", "not a scanner's result", id="any CSV"),
        pytest.param("[" * 100_000, "not a scanner's result", id="deep"),
        pytest.param(
            json.dumps([ocsf(cloud={"provider": "azure", "account": {"uid": "x"}})]),
            "scan of azure",
            id="another cloud, OCSF",
        ),
        pytest.param(
            CSV_5 + "2026-11-20;x;gcp;c;t;FAIL;d;False;high;r;;eu\n",
            "scan of gcp",
            id="another cloud, CSV",
        ),
    ],
)
def test_what_holds_nothing_for_us_is_named(content: str | bytes, told: str) -> None:
    with pytest.raises(Unreadable, match=told):
        read(content)


@pytest.mark.parametrize(
    ("whole", "told"),
    [
        pytest.param(json.dumps([ocsf(), ocsf()]), "breaks off after 1 records", id="OCSF"),
        pytest.param(json.dumps({"Findings": [asff(), asff()]}), "after 1 records", id="ASFF"),
        pytest.param(
            scoutsuite({"a": rule(1, "x"), "b": rule(1, "y")}), "break off", id="ScoutSuite"
        ),
        pytest.param(
            CSV_5 + f"2026-11-20;{ACCOUNT};aws;c;t;FAIL;d;False;high;r;aws;eu-west-1\n" * 2,
            "row 3 has",
            id="CSV",
        ),
    ],
)
def test_a_file_that_is_cut_short_says_where(whole: str, told: str) -> None:
    with pytest.raises(Unreadable, match=told):
        read(whole[: len(whole) - 25])


def test_the_file_is_left_at_its_start() -> None:
    file = io.BytesIO(json.dumps([ocsf()]).encode())
    assert scanner_of(file).name == "prowler_ocsf"
    assert file.tell() == 0
