"""Signing in: local accounts, passkeys and second factors, identity providers, sessions.

django-allauth does the protocols; ``urls`` chooses which of its pages exist, ``adapters`` decides
whom it may let in, ``claims`` reads what an identity provider says.
"""
