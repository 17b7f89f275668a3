"""Every address: the three apps' pages, sign-in, the admin, the API. Health is in cairn.health."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView
from knox.models import AuthToken

from cairn import tokens
from cairn.sign_in import administration, pages, settings_pages


def icon(request: HttpRequest) -> HttpResponse:
    return redirect(static("img/cairn.svg"))


# Who may enter is decided by role, as everywhere; the admin's own sign-in form would pass by the
# limits and second factors of the real one.
admin.site.has_permission = administration.may_enter  # type: ignore[method-assign]
admin.site.login = administration.sign_in  # type: ignore[method-assign]
# Cairn has pages of its own for these, where secrets do not show; providers are the environment's.
admin.site.unregister(
    [Authenticator, AuthToken, EmailAddress, SocialAccount, SocialApp, SocialToken, UserSession]
)

urlpatterns = [
    # Pages that are not Cairn's own, such as the step to a SAML provider, name no icon.
    path("favicon.ico", icon),
    path("", include("roadmap.urls")),
    path("", include("inventory.urls")),
    path("", include("collectors.urls")),
    path("auth/", include("cairn.sign_in.urls")),
    path("sign-ins/", pages.own, name="sign_ins"),
    path("sign-ins/end-others/", pages.end_others, name="end_other_sessions"),
    path("sign-ins/sessions/<int:pk>/end/", pages.end, name="end_session"),
    path("sign-ins/<int:pk>/", pages.of_person, name="sign_ins_of"),
    path("sign-ins/<int:pk>/end/", pages.end_all_of, name="end_sessions_of"),
    path(
        "sign-ins/<int:pk>/second-factors/remove/",
        pages.remove_second_factors,
        name="remove_second_factors",
    ),
    path("sign-ins/<int:pk>/identities/<int:identity>/untie/", pages.untie, name="untie_identity"),
    path("sign-in/", settings_pages.configuration, name="sign_in_settings"),
    path("sign-in/check/<slug:protocol>/", settings_pages.check, name="check_provider"),
    path("sign-in/break-glass/<int:pk>/seen/", settings_pages.seen, name="break_glass_seen"),
    path("sign-in/groups/", settings_pages.groups, name="group_mappings"),
    path("sign-in/groups/<int:pk>/", settings_pages.group, name="group_mapping"),
    path("tokens/", tokens.tokens, name="tokens"),
    path("tokens/<str:digest>/revoke/", tokens.revoke, name="revoke_token"),
    path("admin/", admin.site.urls),
    path("api/v1/", include("cairn.api")),
    path("api/v1/schema/", SpectacularAPIView.as_view(), name="api-schema"),
]
