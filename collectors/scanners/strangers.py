"""Files that people take for scanner results, and what they are."""

from __future__ import annotations

import re

from collectors.scanners.head import Head
from collectors.scanners.results import Unreadable

NOTHING = "Nothing was taken."
_PRINTED = "import what its commands audit --json and public print."
# As the audit prints without --json, and with --markdown.
_IN_WORDS = re.compile(r"[A-Z]+ - .+ \([a-z]{2}(-[a-z]+)+-\d\) - |\*Audit Finding: \[")


def refuse_strangers(head: Head) -> None:
    """Raises Unreadable with what the file is and the cure, if that can be told."""
    told = _told(head)
    if told:
        raise Unreadable(f"{told} {NOTHING}")


def _told(head: Head) -> str:
    data, text, first = head.data, head.text, head.first
    if not data.strip(b"\0 \t\r\n\xef\xbb\xbf"):
        return "The file is empty."
    if data.startswith((b"\x1f\x8b", b"PK\x03\x04", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")):
        return "The file is compressed; unpack it first."
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return (
            "The file is in UTF-16, as Windows PowerShell writes what is redirected; write it with "
            "Out-File -Encoding utf8."
        )
    if text.startswith("version https://git-lfs"):
        return "This is a Git LFS pointer, which stands for a file; fetch the file itself."
    if "<title>CloudMapper AWS Security Report" in text[:2000]:
        return f"This is CloudMapper's report, a web page; {_PRINTED}"
    if _IN_WORDS.match(text):
        return f"This is a CloudMapper audit in words; {_PRINTED}"
    if text[:200].lower().startswith(("<!doctype", "<html")):
        return "This is a web page: a scanner's HTML report, or a page that asks to sign in."
    if text.startswith("<"):
        return "This is XML."
    provider = re.search(r'"provider_code"\s*:\s*"(\w+)"', text)
    if text.startswith("scoutsuite_results") and provider:
        return f"These are ScoutSuite results of {provider.group(1)}, and Cairn keeps AWS accounts."
    if text.startswith(("scoutsuite_exceptions", "scoutsuite_results")):
        return "This is ScoutSuite's, but not the results; choose scoutsuite_results_aws-*.js."
    if _is_compliance(head):
        return (
            "This is a Prowler compliance CSV, which counts requirements; choose the CSV or OCSF "
            "file of the scan itself."
        )
    if _is_guardduty(head):
        return (
            "These are GuardDuty findings in GuardDuty's own format; Security Hub exports them in "
            "the AWS Security Finding Format, which Cairn reads."
        )
    if isinstance(first.get("Findings", first.get("findings")), list):
        return "There is no finding in this list."
    if text.startswith("[") and text[1:].lstrip().startswith("]"):
        return "There is no finding in this list."
    return ""


def _is_compliance(head: Head) -> bool:
    return any(name.upper().startswith("REQUIREMENTS_") for name in head.columns)


def _is_guardduty(head: Head) -> bool:
    nested = head.nested[1]
    detail = head.first.get("detail")
    for one in (head.first, nested, detail if isinstance(detail, dict) else {}):
        names = {name.lower() for name in one}
        if {"accountid", "schemaversion", "service", "type"} <= names:
            return True
    return False
