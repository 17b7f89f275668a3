"""What the groups of an identity provider give: roles and memberships in teams, at every sign-in.

What the provider no longer says is taken away again. What people gave stays: the role that an
administrator chose, and memberships that were there before the provider spoke of them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from inventory import audit
from inventory.access import highest, link_person, role_of
from inventory.audit import Event, Thing
from inventory.changes import Conflicts, Edit, Refused, write
from inventory.columns import TEAMS
from inventory.models import (
    GroupMapping,
    GroupMappingChange,
    Origin,
    Person,
    ProviderMembership,
    Role,
    Team,
    User,
)

TRIES = 3


@dataclass(frozen=True)
class Given:
    """What groups give somebody; no role means that they give none."""

    role: Role | None
    teams: frozenset[int]


def given_by(groups: Collection[str], own_role: str = "") -> Given:
    """The highest role of the groups, and every team of theirs.

    Whom neither a group nor an administrator gives a role gets the default one; where there is
    none, being in a team makes an account owner.
    """
    mappings = GroupMapping.objects.filter(group__in=groups)
    teams = frozenset(one.team_id for one in mappings if one.team_id is not None)
    role = highest(Role(one.role) for one in mappings if one.role)
    if role is None and not own_role:
        if settings.SIGN_IN_DEFAULT_ROLE in Role.values:
            role = Role(settings.SIGN_IN_DEFAULT_ROLE)
        elif teams:
            role = Role.OWNER
    return Given(role, teams)


@transaction.atomic
def give(user: User, groups: Collection[str]) -> Role | None:
    """Apply what the groups give now, and take away what earlier ones gave. Returns the role that
    counts from now on; none means that nothing gives the person one."""
    given = given_by(groups, user.role)
    user.provider_role = given.role or ""
    User.objects.filter(pk=user.pk).update(provider_role=user.provider_role)
    brought = set(ProviderMembership.objects.filter(user=user).values_list("team_id", flat=True))
    for team in Team.objects.filter(pk__in=given.teams):
        if _change_member(team, user, joins=True):
            ProviderMembership.objects.get_or_create(user=user, team=team)
    for team in Team.objects.filter(pk__in=brought - given.teams):
        _change_member(team, user, joins=False)
        ProviderMembership.objects.filter(user=user, team=team).delete()
    return role_of(user)


def _change_member(team: Team, user: User, *, joins: bool) -> bool:
    """Whether anything had to change. Somebody else may write the team meanwhile: try again."""
    for tries_left in reversed(range(TRIES)):
        people = _members(team)
        if (_address(user) in people) == joins:
            return False
        members = people | {_address(user)} if joins else people - {_address(user)}
        edit = Edit(
            TEAMS, team.name, {"members": sorted(members)}, expected={"members": sorted(people)}
        )
        verb = "Joined" if joins else "Left"
        try:
            write(
                [edit],
                origin=Origin.SIGN_IN,
                message=f"{verb} by the groups of the identity provider",
                user=user,
            )
        except (Conflicts, Refused):
            if not tries_left:
                raise
        else:
            return True
    return False


def _members(team: Team) -> set[str]:
    current = Person.objects.filter(memberships__team=team, memberships__valid_to=None)
    return set(current.values_list("email", flat=True))


def _address(user: User) -> str:
    if user.person is None:
        link_person(user)
    assert user.person is not None
    return user.person.email


def in_words(role: str, team: Team | None) -> str:
    """What a mapping gives, as its history keeps it."""
    parts = [Role(role).label] if role else []
    if team is not None:
        parts.append(f"team {team.name}")
    return ", ".join(parts)


@transaction.atomic
def set_mapping(group: str, role: str, team: Team | None, by: User) -> None:
    """From the next sign-in on, the group gives this; nothing at all ends the mapping."""
    held = GroupMapping.objects.select_for_update().filter(group=group).first()
    old = in_words(held.role, held.team) if held else ""
    new = in_words(role, team)
    if old == new:
        return
    if new:
        GroupMapping.objects.update_or_create(group=group, defaults={"role": role, "team": team})
    elif held:
        held.delete()
    GroupMappingChange.objects.create(group=group, old=old, new=new, user=by)
    audit.record(Event.GROUP_MAPPED, Thing("group", group, group), was=old, now=new)


def mappings() -> Sequence[GroupMapping]:
    return list(GroupMapping.objects.select_related("team"))
