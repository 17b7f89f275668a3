"""Stage 3: visibility and first remediation."""
