"""Items that settings name together, by their keys."""

GUARDRAILS = tuple(
    f"surface.scp_{name}"
    for name in (
        "root", "regions", "services", "access_keys", "imdsv2", "leave_org", "internet_vpc",
        "security_services", "monitoring", "protected_roles",
    )
)  # fmt: skip
ROLES = ("identity.unused_roles", "identity.role_services", "refinement.iam_policies")
