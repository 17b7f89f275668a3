"""Route 53 Resolver DNS Firewall, none of which moto knows: which groups of rules are in force."""

from __future__ import annotations

from typing import Any, Final

from simulated_aws.answers import Result, answers
from simulated_aws.paging import Paging
from simulated_aws.wire import Call

PAGES: Final = Paging(limit=100)
_ASSOCIATIONS: Final[dict[tuple[str, str], list[dict[str, Any]]]] = {}


@answers("route53resolver", "AssociateFirewallRuleGroup")
def associate_firewall_rule_group(call: Call) -> Result:
    """It is COMPLETE at once, in AWS after minutes. The rules themselves are not simulated."""
    associations = _ASSOCIATIONS.setdefault((call.account, call.region), [])
    number = f"rslvr-frgassoc-{len(associations):017x}"
    association = {
        "Id": number,
        "Arn": f"arn:aws:route53resolver:{call.region}:{call.account}:"
        f"firewall-rule-group-association/{number}",
        "Status": "COMPLETE",
        **{
            key: call.parameters[key]
            for key in ("FirewallRuleGroupId", "VpcId", "Name", "Priority")
        },
    }
    associations.append(association)
    return {"FirewallRuleGroupAssociation": association}


@answers("route53resolver", "ListFirewallRuleGroupAssociations")
def list_firewall_rule_group_associations(call: Call) -> Result:
    found = _ASSOCIATIONS.get((call.account, call.region), [])
    return PAGES.page(call, "FirewallRuleGroupAssociations", found)
