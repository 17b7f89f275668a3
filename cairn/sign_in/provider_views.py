"""The ways to an identity provider and back; the protocols themselves are django-allauth's."""

from __future__ import annotations

import logging
from typing import Any

import requests
from allauth.account.utils import get_next_redirect_url
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.openid_connect import views as openid_connect
from allauth.socialaccount.providers.saml import views as saml
from allauth.socialaccount.providers.saml.utils import build_sp_config, get_app_or_404
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods
from onelogin.saml2.errors import OneLogin_Saml2_Error
from onelogin.saml2.idp_metadata_parser import OneLogin_Saml2_IdPMetadataParser
from onelogin.saml2.settings import OneLogin_Saml2_Settings

from cairn.sign_in.adapters import refused

logger = logging.getLogger(__name__)

PROTOCOLS = {"oidc": "openid_connect", "saml": "saml"}
# A provider that is down, or that answers with something else than it should.
NO_ANSWER = (requests.RequestException, OSError, ValueError, SyntaxError, KeyError)
UNREADABLE = (*NO_ANSWER, OneLogin_Saml2_Error)


def offered() -> list[dict[str, str]]:
    """For templates: the identity providers of the sign-in page."""
    configured = settings.SOCIALACCOUNT_PROVIDERS
    return [
        {"protocol": protocol, "name": app["name"]}
        for protocol, provider in PROTOCOLS.items()
        for app in configured.get(provider, {}).get("APPS", [])
    ]


@never_cache
@require_http_methods(["GET", "POST"])
def leave(request: HttpRequest, protocol: str) -> HttpResponse:
    """Go to the identity provider. Only a form sends somebody there, never a link: else others
    could make a browser sign in."""
    if request.method == "GET":
        return redirect("account_login")
    try:
        provider = get_adapter().get_provider(request, PROTOCOLS[protocol])
    except (KeyError, SocialApp.DoesNotExist):
        raise Http404("There is no such identity provider.") from None
    try:
        away = provider.redirect(
            request, process=AuthProcess.LOGIN, next_url=get_next_redirect_url(request)
        )
    except UNREADABLE as error:
        logger.warning("identity provider does not answer", extra={"error": error})
        return render(request, "account/unreachable.html", {"name": provider.name}, status=503)
    # A page, not a redirection: a form's redirections to elsewhere are against our own policy.
    return render(request, "account/leaving.html", {"name": provider.name, "url": away.url})


@never_cache
@require_GET
def openid_connect_callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    try:
        response: HttpResponse = openid_connect.callback(request, provider_id)
    except NO_ANSWER as error:
        logger.warning("identity provider's answer refused", extra={"reason": str(error)})
        return refused(request, "failed")
    return response


@csrf_exempt
@require_http_methods(["POST"])
def saml_acs(request: HttpRequest, organization_slug: str) -> HttpResponse:
    """The assertion consumer service: the provider's page posts here, without our cookies."""
    response: HttpResponse = saml.acs(request, organization_slug)
    return response


@never_cache
@require_GET
def saml_finish(request: HttpRequest, organization_slug: str) -> HttpResponse:
    """Judge the assertion that came, with the browser's own session, which knows what it asked."""
    try:
        response: HttpResponse = saml.finish_acs(request, organization_slug)
    except (*UNREADABLE, PermissionDenied) as error:
        logger.warning("identity provider's answer refused", extra={"reason": str(error)})
        return refused(request, "failed")
    return response


@never_cache
@require_GET
def saml_sls(request: HttpRequest, organization_slug: str) -> HttpResponse:
    """Single logout: only what the provider signed signs anybody out."""
    if not {"SAMLRequest", "Signature", "SigAlg"} <= request.GET.keys():
        return refused(request, "failed")
    try:
        response: HttpResponse = saml.sls(request, organization_slug)
    except UNREADABLE as error:
        logger.warning("identity provider's answer refused", extra={"reason": str(error)})
        return refused(request, "failed")
    return response


@require_GET
def saml_metadata(request: HttpRequest, organization_slug: str) -> HttpResponse:
    """What a SAML provider reads about Cairn. It needs no answer of the provider's."""
    app = get_app_or_404(request, organization_slug)
    config: dict[str, Any] = {
        "strict": True,
        "sp": build_sp_config(request, app.settings, organization_slug),
        "security": {
            "wantAssertionsSigned": True,
            "allowSingleLabelDomains": True,
            "metadataValidUntil": "",
            "metadataCacheDuration": "",
        },
    }
    metadata = OneLogin_Saml2_Settings(config, sp_validation_only=True).get_sp_metadata()
    return HttpResponse(metadata, content_type="application/samlmetadata+xml")


def ask(request: HttpRequest, protocol: str) -> str:
    """Whether the provider answers as configured: what is wrong, or an empty text."""
    app = get_adapter().get_app(request, PROTOCOLS[protocol])
    try:
        return _ask_openid_connect(app) if protocol == "oidc" else _ask_saml(app)
    except UNREADABLE as error:
        return f"It does not answer as it should: {error}"


def _ask_openid_connect(app: Any) -> str:
    issuer = app.settings["server_url"]
    with get_adapter().get_requests_session() as session:
        answer = session.get(f"{issuer}/.well-known/openid-configuration")
        answer.raise_for_status()
    named = str(answer.json()["issuer"]).rstrip("/")
    return "" if named == issuer else f"It calls itself {named}, not {issuer}."


def _ask_saml(app: Any) -> str:
    idp = app.settings["idp"]
    if url := idp.get("metadata_url"):
        found = OneLogin_Saml2_IdPMetadataParser.parse_remote(url, entity_id=idp["entity_id"])
        if "idp" not in found or not found["idp"].get(
            "x509cert", found["idp"].get("x509certMulti")
        ):
            return f"Its metadata names no {idp['entity_id']} with a signing certificate."
    return ""
