"""People who sign in, and the role that says what they may do."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models, transaction

from inventory.models.people import Person


class Role(models.TextChoices):
    """From the lowest to the highest, where somebody is given several."""

    VIEWER = "viewer", "Viewer"
    OWNER = "owner", "Account owner"
    FINANCE = "finance", "Finance"
    SECURITY = "security", "Security"
    ADMIN = "admin", "Administrator"


class UserManager(BaseUserManager["User"]):
    """Users are named by their e-mail address, kept in lower case."""

    use_in_migrations = True

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        if not email:
            raise ValueError("A user needs an e-mail address.")
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        fields.update(is_staff=True, is_superuser=True, role=Role.ADMIN)
        return self.create_user(email, password, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").strip().lower())


class User(AbstractUser):
    """A sign-in. ``person`` ties it to the contacts and teams of the inventory.

    ``role`` is what administrators gave, ``provider_role`` what the groups of the last sign-in
    through an identity provider gave; inventory.access says which one counts.
    """

    username = None  # type: ignore[assignment]  # the e-mail address is the name
    email = models.EmailField("e-mail", unique=True)
    role = models.CharField(max_length=16, choices=Role.choices, default=Role.VIEWER, blank=True)
    provider_role = models.CharField(
        "role from the identity provider", max_length=16, choices=Role.choices, blank=True
    )
    is_break_glass = models.BooleanField(
        "break-glass administrator",
        default=False,
        help_text="May sign in with a password and a second factor when the identity provider is "
        "down, and never through it.",
    )
    person = models.OneToOneField(
        Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="user"
    )

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[UserManager] = UserManager()  # type: ignore[assignment]  # no username

    def __str__(self) -> str:
        return self.get_full_name() or self.email

    def save(self, *args: Any, **kwargs: Any) -> None:
        """In one transaction with what hangs on it: the tie to a person, the audit log."""
        with transaction.atomic():
            super().save(*args, **kwargs)
