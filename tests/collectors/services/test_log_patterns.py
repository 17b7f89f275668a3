"""Which records of CloudTrail a filter pattern of CloudWatch Logs selects."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.services.logs import selects

RECORD = {
    "eventName": "ListUsers",
    "eventSource": "iam.amazonaws.com",
    "errorCode": "AccessDenied",
    "sourceIPAddress": "203.0.113.10",
    "readOnly": True,
    "responseElements": None,
    "userIdentity": {"type": "IAMUser", "accountId": "222222222222"},
    "resources": [{"type": "bucket"}, {"type": "role"}],
    "count": 3,
}
CIS = (
    '{ ($.errorCode ="*UnauthorizedOperation") || ($.errorCode ="AccessDenied*") && '
    '($.sourceIPAddress!="delivery.logs.amazonaws.com") && ($.eventName!="HeadBucket") }'
)
CASES = {
    CIS: True,
    '{ $.errorCode = "AccessDenied" }': True,
    "{ $.errorCode = AccessDenied* }": True,
    "{$.errorCode=*Denied}": True,
    '{ $.errorCode = "*UnauthorizedOperation" }': False,
    '{ $.errorCode = "denied" }': False,
    '{ $.errorCode = "a" || $.eventName = "ListUsers" && $.count = 3 }': True,
    '{ ($.errorCode = "AccessDenied" || $.eventName = "x") && $.count = 4 }': False,
    '{ $.eventName != "ListUsers" }': False,
    '{ $.missing != "x" }': False,
    "{ $.missing NOT EXISTS }": True,
    "{ $.errorCode NOT EXISTS }": False,
    "{ $.responseElements IS NULL }": True,
    "{ $.readOnly IS TRUE }": True,
    "{ $.readOnly is false }": False,
    "{ $.readOnly = true }": True,
    "{ $.count > 2 && $.count <= 3 }": True,
    "{ $.count >= 4 }": False,
    "{ $.count < 3 }": False,
    "{ $.eventName > 1 }": False,
    '{ $.userIdentity.accountId = "222222222222" }': True,
    '{ $.["userIdentity"].type = "IAMUser" }': None,
    '{ $["userIdentity"].type = "IAMUser" }': True,
    '{ $.resources[1].type = "role" }': True,
    '{ $.resources[2].type = "role" }': False,
    '{ $.resources[*].type = "role" }': True,
    '{ $.resources.type = "role" }': False,
    "{ $.errorCode = %^Access.*% }": True,
    "{ $.errorCode = %[% }": None,
    "": True,
    "AccessDenied": True,
    "AccessDenied UnauthorizedOperation": False,
    "?AccessDenied ?UnauthorizedOperation": True,
    "?Nothing ?UnauthorizedOperation": False,
    "AccessDenied -ListUsers": False,
    "%Access[A-Z]enied%": True,
    "[ip, user, status = 403]": None,
    "{ }": None,
    "{ $.errorCode }": None,
    '{ $.errorCode = "a" $.b = 1 }': None,
    '{ ($.errorCode = "a" }': None,
    '{ $.errorCode && "a" }': None,
    "{ $.errorCode IS ODD }": None,
    '{ $.count > "many" }': None,
    "{ errorCode = AccessDenied }": None,
    "{ $.errorCode = ( }": None,
    '{ $.errorCode = "open }': None,
}


@pytest.mark.parametrize(("pattern", "is_selected"), CASES.items(), ids=CASES)
def test_a_pattern_selects_as_cloudwatch_logs_does(pattern: str, is_selected: bool | None) -> None:
    assert selects(pattern, RECORD) is is_selected


@given(st.text(max_size=60))
def test_no_pattern_breaks_it(pattern: str) -> None:
    selects(pattern, RECORD)
    selects(f"{{{pattern}}}", RECORD)
