"""How people sign in: the configuration in force, and what the provider's groups give."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from allauth.account import app_settings as account_settings
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cairn.identity_providers import SLUG
from cairn.sign_in.local import has_second_factor
from cairn.sign_in.provider_views import PROTOCOLS, ask
from inventory import audit
from inventory.access import Action, require
from inventory.audit import Event
from inventory.models import GroupMapping, GroupMappingChange, Role, SignIn, Team, User
from inventory.provider_groups import mappings, set_mapping
from inventory.views.requests import Request

PAST_CHANGES = 50
SHOWN_USES = 20


@dataclass(frozen=True)
class Provider:
    """``rows`` are variables and what holds, ``addresses`` what the provider has to be told."""

    protocol: str
    label: str
    name: str
    rows: list[tuple[str, str]]
    addresses: list[tuple[str, str]]
    last: SignIn | None


@login_required
@never_cache
@require_GET
def configuration(request: Request) -> HttpResponse:
    require(request.user, Action.PEOPLE)
    break_glass = User.objects.filter(is_break_glass=True, is_active=True)
    context = {
        "providers": [one for one in (_openid_connect(request), _saml(request)) if one],
        "rows": _rows(),
        "limits": _limits(),
        "break_glass": [(user, has_second_factor(user)) for user in break_glass],
        "uses": _uses()[:SHOWN_USES],
        "number_of_mappings": GroupMapping.objects.count(),
    }
    return render(request, "account/configuration.html", context)


@login_required
@require_POST
def check(request: Request, protocol: str) -> HttpResponse:
    """Ask the provider now whether it is there and is the one that was meant."""
    require(request.user, Action.PEOPLE)
    if PROTOCOLS.get(protocol) not in settings.SOCIALACCOUNT_PROVIDERS:
        messages.error(request, "It is not configured.")
    elif problem := ask(request, protocol):
        messages.error(request, problem)
    else:
        messages.success(request, "The identity provider answers as configured.")
    return redirect("sign_in_settings")


@login_required
@require_POST
def seen(request: Request, pk: int) -> HttpResponse:
    """Another administrator has looked at a break-glass sign-in."""
    require(request.user, Action.PEOPLE)
    use = get_object_or_404(_uses(), pk=pk)
    if use.user == request.user:
        messages.error(request, "Somebody else has to look at your own use of it.")
    elif use.seen_by is None:
        with transaction.atomic():
            SignIn.objects.filter(pk=pk, seen_by=None).update(
                seen_by=request.user, seen_at=timezone.now()
            )
            audit.record(Event.BREAK_GLASS_SEEN, use.user)
    return redirect("sign_in_settings")


def _uses() -> QuerySet[SignIn]:
    return SignIn.objects.filter(is_break_glass=True).select_related("user", "seen_by")


def _rows() -> list[tuple[str, str]]:
    return [
        ("LOCAL_SIGN_IN", settings.LOCAL_SIGN_IN),
        ("SIGN_IN_DEFAULT_ROLE", settings.SIGN_IN_DEFAULT_ROLE),
        ("SESSION_HOURS", str(settings.SESSION_COOKIE_AGE // 3600)),
        ("SESSION_IDLE_MINUTES", str(settings.SESSION_IDLE_SECONDS // 60)),
        ("SESSIONS_PER_PERSON", str(settings.SESSIONS_PER_PERSON)),
        ("TRUSTED_PROXY_COUNT", str(settings.ALLAUTH_TRUSTED_PROXY_COUNT)),
    ]


def _limits() -> dict[str, str]:
    """As django-allauth writes them: 10/m/ip is ten a minute from one address."""
    shown = ("login", "login_failed", "reset_password", "reauthenticate")
    limits = account_settings.RATE_LIMITS
    return {action: limits[action] for action in shown if limits.get(action)}


def _openid_connect(request: Request) -> Provider | None:
    app = _app("openid_connect")
    if app is None:
        return None
    held = app["settings"]
    return Provider(
        "oidc",
        "OpenID Connect",
        app["name"],
        [
            ("OIDC_ISSUER", held["server_url"]),
            ("OIDC_CLIENT_ID", app["client_id"]),
            ("OIDC_CLIENT_SECRET", "set, not shown"),
            ("OIDC_NAME", app["name"]),
            ("OIDC_SCOPES", " ".join(held["scope"])),
            ("OIDC_GROUPS_CLAIM", held["cairn"]["groups"]),
            ("OIDC_TRUSTED_EMAIL_DOMAINS", ", ".join(held["verified_email"])),
        ],
        [("Redirect URI", _absolute(request, "openid_connect_callback"))],
        _last(SignIn.Method.OIDC),
    )


def _saml(request: Request) -> Provider | None:
    app = _app("saml")
    if app is None:
        return None
    held = app["settings"]
    idp = held["idp"]
    return Provider(
        "saml",
        "SAML",
        app["name"],
        [
            ("SAML_METADATA_URL", idp.get("metadata_url", "")),
            ("SAML_IDP_ENTITY_ID", idp["entity_id"]),
            ("SAML_SSO_URL", idp.get("sso_url", "from the metadata")),
            ("SAML_CERTIFICATE", "set" if idp.get("x509cert") else "from the metadata"),
            ("SAML_NAME", app["name"]),
            ("SAML_EMAIL_ATTRIBUTE", ", ".join(held["attribute_mapping"]["email"])),
            ("SAML_GROUPS_ATTRIBUTE", held["cairn"]["groups"]),
            ("SAML_TRUSTED_EMAIL_DOMAINS", ", ".join(held["verified_email"])),
        ],
        [
            ("Assertion consumer service (ACS)", _absolute(request, "saml_acs")),
            ("Entity ID and metadata", _absolute(request, "saml_metadata")),
            ("Single logout", _absolute(request, "saml_sls")),
        ],
        _last(SignIn.Method.SAML),
    )


def _app(provider: str) -> dict[str, Any] | None:
    apps = settings.SOCIALACCOUNT_PROVIDERS.get(provider, {}).get("APPS", [])
    return apps[0] if apps else None


def _absolute(request: Request, name: str) -> str:
    return request.build_absolute_uri(reverse(name, args=[SLUG]))


def _last(method: SignIn.Method) -> SignIn | None:
    return SignIn.objects.filter(method=method).select_related("user").first()


class MappingForm(forms.Form):
    """A group, and what it gives; at least one thing."""

    group = forms.CharField(max_length=255, help_text="Exactly as the identity provider sends it.")
    role = forms.ChoiceField(choices=[("", "no role"), *Role.choices], required=False)
    team = forms.ModelChoiceField(Team.objects.all(), empty_label="no team", required=False)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and not cleaned.get("role") and cleaned.get("team") is None:
            raise forms.ValidationError("Choose a role, a team or both.")
        return cleaned


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def groups(request: Request) -> HttpResponse:
    """What each group gives; adding one."""
    require(request.user, Action.PEOPLE)
    form = MappingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        group = form.cleaned_data["group"]
        if GroupMapping.objects.filter(group=group).exists():
            form.add_error("group", "This group is in the table already. Change it there.")
        else:
            _save(request, group, form)
            return redirect("group_mappings")
    context = {
        "mappings": mappings(),
        "form": form,
        "past": GroupMappingChange.objects.select_related("user")[:PAST_CHANGES],
        "default_role": settings.SIGN_IN_DEFAULT_ROLE,
    }
    return render(request, "account/groups.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def group(request: Request, pk: int) -> HttpResponse:
    require(request.user, Action.PEOPLE)
    mapping = get_object_or_404(GroupMapping, pk=pk)
    held = {"group": mapping.group, "role": mapping.role, "team": mapping.team}
    if request.method == "POST" and "end" in request.POST:
        set_mapping(mapping.group, "", None, request.user)
        messages.success(request, f"The group {mapping.group} gives nothing any more.")
        return redirect("group_mappings")
    form = MappingForm(request.POST or None, initial=held)
    form.fields["group"].disabled = True
    if request.method == "POST" and form.is_valid():
        _save(request, mapping.group, form)
        return redirect("group_mappings")
    return render(request, "account/group.html", {"mapping": mapping, "form": form})


def _save(request: Request, group: str, form: MappingForm) -> None:
    set_mapping(group, form.cleaned_data["role"], form.cleaned_data["team"], request.user)
    messages.success(
        request, "Saved. It holds for each person from their next sign-in through the provider."
    )
