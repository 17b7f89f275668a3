"""Who signs in to the demo: one person a role. The passwords protect nothing."""

from __future__ import annotations

from dataclasses import dataclass

from inventory.access import link_person
from inventory.models import Role, User

PASSWORD = "cairn-demo"  # noqa: S105  (printed at every start of the demo)


@dataclass(frozen=True)
class SignIn:
    email: str
    first_name: str
    last_name: str
    role: Role


SIGN_INS = (
    SignIn("vera.brandt@example.com", "Vera", "Brandt", Role.VIEWER),
    SignIn("lena.okafor@example.com", "Lena", "Okafor", Role.OWNER),
    SignIn("felix.moreau@example.com", "Felix", "Moreau", Role.FINANCE),
    SignIn("tomas.herrera@example.com", "Tomas", "Herrera", Role.SECURITY),
    SignIn("ada.winter@example.com", "Ada", "Winter", Role.ADMIN),
)


def create_users() -> None:
    for one in SIGN_INS:
        if not User.objects.filter(email=one.email).exists():
            user = User.objects.create_user(
                one.email,
                PASSWORD,
                first_name=one.first_name,
                last_name=one.last_name,
                role=one.role,
                is_staff=one.role == Role.ADMIN,
                is_superuser=one.role == Role.ADMIN,
            )
            link_person(user)


def user_of(role: Role) -> User:
    return User.objects.get(email=next(one.email for one in SIGN_INS if one.role == role))


def sign_ins_in_words() -> str:
    lines = [f"  {one.role.label:<14} {one.email}" for one in SIGN_INS]
    invented = "The half year before today is invented; what is shown of today was collected."
    return "\n".join([invented, f"Sign in with the password {PASSWORD} as", *lines, ""])
