"""What published policies enforce, against the labels that people gave them.

Labels stand in the order of the guardrails: Y enforced, p partly, - not. They judge what a policy
is for; the evidence rules count requests. Where the two differ, the reason is told one by one.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from roadmap.guardrails.documents import read_policy
from roadmap.management.commands.evaluate_scps import evaluated
from roadmap.verdicts import Status

SAMPLES = Path(__file__).resolve().parents[2] / "data" / "scp"
NAMES = (
    "root", "regions", "services", "access_keys", "imdsv2", "leave_org", "internet_vpc",
    "security_services", "monitoring", "protected_roles",
)  # fmt: skip
WORDS = {Status.PASS: "Y", Status.PARTIAL: "p", Status.FAIL: "-"}
UNFINISHED = " T"

# file: labels, and whether it is a template that nobody has filled in
LABELS: Mapping[str, str] = {
    "Deny-deletion-of-AWS-Access-Analyzer-and-findings-in-an-account": "-------p--",
    "Deny-modifications-to-specific-CloudTrail-trails": "-------p-- T",
    "Deny-users-from-disabling-or-altering-CloudWatch": "--------p- T",
    "Protect-disabling-or-deleting-Amazon-Macie": "-------p-- T",
    "Deny-critical-IAM-user-actions": "---Y------ T",
    "Deny-member-accounts-from-leaving-your-AWS-organization": "-----Y----",
    "Deny-the-root-user-from-performing-actions-except-S3-bucketpolicy-changes": "Y---------",
    "Deny-modifications-to-specific-IAM-roles": "---------Y T",
    "Prevent-creating-or-expanding-public-connectivity-for-VPCs": "------Y--- T",
    "Deny-Amazon-Virtual-Private-Network-connection-creation-modification-deletion": "---------- T",
    "Deny-access-to-AWS-based-on-the-requested-AWS-region": "-Y-------- T",
    "Deny-account-region-enable-and-disable-actions": "---------- T",
    "Deny-use-of-IAM-user-credentials-from-unexpected-networks": "---------- T",
    "deny-creating-any-service-specific-credentials": "----------",
    "Require-Amazon-EC2-instances-to-use-a-specific-type": "----------",
    "Deny-RAM-from-sharing-resources-to-external-accounts": "----------",
    "lza-healthcare-scp-accelerator1": "-------pp- T",
    "lza-healthcare-scp-accelerator2": "-------p-Y T",
    "lza-healthcare-scp-hcl-hipaa-service": "--Y-------",
    "lza-healthcare-quarantine": "---------- T",
    "welldone-scp-deny-using-other-regions": "-Y--------",
    "welldone-scp-deny-changing-account-baseline-configuration": "-----Y----",
    "allowlister-PCI-AllowList-SCP": "--Y-------",
    "allowlister-FedRAMP_High-AllowList-SCP": "--Y-------",
    "spa-deny_everything_from_root_users": "Y---------",
    "spa-prevent_data_deletion": "----------",
    "lza-test-guardrails-1": "-------pp- T",
    "lza-test-guardrails-2": "-------p-Y T",
    "lza-test-allow-ec2-only": "--Y-------",
    "FullAWSAccess": "----------",
    "ec2-guide-require-imdsv2": "----Y-----",
}

# (file, guardrail): what the evidence rules come to, and why that is not the label
ONE_REQUEST = "counts as a part: one of the requests asked is denied, to serve another purpose"
EVERYWHERE = "is denied in approved Regions as well, which the rule for Regions does not look at"
ROOT_LEAVES = "the root user can no longer leave, though all others can: the rule calls that a part"
NETWORK = "binds IAM users alone, and they are one of the principals asked"
QUARANTINE = "denies everything to everybody but named roles, so every request asked is denied"
RULES_ONLY = "protects Config's rules; the rule asks for the recorder and the delivery channel"
NOT_LISTED = "leaves out services that it does not list, and with them the switch that is asked for"

DIFFERENCES: Mapping[tuple[str, str], tuple[str, str]] = {
    ("Deny-critical-IAM-user-actions", "root"): ("p", ONE_REQUEST),
    ("Deny-the-root-user-from-performing-actions-except-S3-bucketpolicy-changes", "leave_org"): (
        "p",
        ROOT_LEAVES,
    ),
    ("spa-deny_everything_from_root_users", "leave_org"): ("p", ROOT_LEAVES),
    ("Deny-use-of-IAM-user-credentials-from-unexpected-networks", "regions"): ("p", NETWORK),
    ("Deny-use-of-IAM-user-credentials-from-unexpected-networks", "access_keys"): ("p", NETWORK),
    ("Deny-use-of-IAM-user-credentials-from-unexpected-networks", "leave_org"): ("p", NETWORK),
    ("Require-Amazon-EC2-instances-to-use-a-specific-type", "root"): ("p", ONE_REQUEST),
    ("Require-Amazon-EC2-instances-to-use-a-specific-type", "regions"): ("p", EVERYWHERE),
    ("Require-Amazon-EC2-instances-to-use-a-specific-type", "imdsv2"): (
        "p",
        "denies any launch that does not name a type, the one asked for included",
    ),
    ("lza-healthcare-scp-accelerator1", "root"): ("p", ONE_REQUEST),
    ("lza-healthcare-scp-accelerator1", "regions"): ("p", EVERYWHERE),
    ("lza-healthcare-scp-accelerator1", "security_services"): ("-", RULES_ONLY),
    ("lza-test-guardrails-1", "root"): ("p", ONE_REQUEST),
    ("lza-test-guardrails-1", "regions"): ("p", EVERYWHERE),
    ("lza-test-guardrails-1", "security_services"): ("-", RULES_ONLY),
    **{("lza-healthcare-quarantine", name): ("Y", QUARANTINE) for name in NAMES},
    ("allowlister-PCI-AllowList-SCP", "security_services"): ("p", NOT_LISTED),
    ("allowlister-FedRAMP_High-AllowList-SCP", "security_services"): ("p", NOT_LISTED),
    ("lza-test-allow-ec2-only", "services"): (
        "-",
        "is an allow list, which limits nothing while FullAWSAccess is attached beside it",
    ),
    ("ec2-guide-require-imdsv2", "root"): ("p", ONE_REQUEST),
    ("ec2-guide-require-imdsv2", "regions"): ("p", EVERYWHERE),
    ("ec2-guide-require-imdsv2", "imdsv2"): (
        "p",
        "requires tokens at launch; the rule also asks that nobody can loosen them later",
    ),
}


@pytest.mark.parametrize("name", LABELS)
def test_it_enforces_what_people_say_but_for_what_is_explained(name: str) -> None:
    labels = LABELS[name].removesuffix(UNFINISHED).strip()
    document = read_policy((SAMPLES / f"{name}.json").read_bytes(), name)

    verdicts = evaluated(document)

    found = {key.removeprefix("surface.scp_"): WORDS[v.status] for key, v in verdicts.items()}
    expected = dict(zip(NAMES, labels, strict=True))
    told = {guardrail: word for (file, guardrail), (word, _) in DIFFERENCES.items() if file == name}
    assert all(expected[guardrail] != word for guardrail, word in told.items())
    assert found == expected | told
    assert document.is_unfinished == LABELS[name].endswith(UNFINISHED)


def test_every_published_policy_is_looked_at() -> None:
    refused = {"deny-service-specific-credential-by-type"}
    assert {path.stem for path in SAMPLES.glob("*.json")} == set(LABELS) | refused
