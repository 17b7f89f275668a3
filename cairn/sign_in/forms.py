"""Forms of django-allauth in Cairn's words."""

from __future__ import annotations

from typing import Any

from allauth.mfa.webauthn.forms import AddWebAuthnForm


class AddKeyForm(AddWebAuthnForm):  # type: ignore[misc]  # untyped
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].help_text = "What you know it by, such as “phone” or “blue key”."
        passkey = self.fields["passwordless"]
        passkey.label = "Sign in with it alone, without a password (a passkey)"
        passkey.help_text = "It then asks for your finger, your face or a PIN."
        passkey.initial = True
