"""Whether service control policies stop a request: section 11 of the evidence rules. Pure.

``documents`` reads policies, ``evaluation`` decides requests against an account's chain of them,
``probes`` asks what a guardrail asks, ``exemptions`` looks at whom the policies let off. No
Django, no database, no AWS.
"""
