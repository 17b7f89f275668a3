"""Every address: the three apps' pages, sign-in, the admin, the API. Health is in cairn.health."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

from cairn import tokens

# The admin's own sign-in form would pass by the limits and second factors of the real one.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("", include("roadmap.urls")),
    path("", include("inventory.urls")),
    path("", include("collectors.urls")),
    path("auth/", include("cairn.sign_in")),
    path("tokens/", tokens.tokens, name="tokens"),
    path("tokens/<str:digest>/revoke/", tokens.revoke, name="revoke_token"),
    path("admin/", admin.site.urls),
    path("api/v1/", include("cairn.api")),
    path("api/v1/schema/", SpectacularAPIView.as_view(), name="api-schema"),
]
