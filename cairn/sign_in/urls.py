"""The addresses below /auth/: the parts of django-allauth that Cairn uses, chosen one by one.

An administrator makes a sign-in, or an identity provider brings it; nobody signs themselves up.
There are no pages for changing one's e-mail address, because that address is what ties a person to
accounts and teams, and none for tying one's sign-in to further identities.
"""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.urls import path, re_path

from cairn.sign_in import provider_views, second_factors
from cairn.sign_in.passwords import for_local_sign_ins, local_sign_in

urlpatterns = [
    path(
        "login/",
        account.LoginView.as_view(
            extra_context={"providers": provider_views.offered, "local_sign_in": local_sign_in}
        ),
        name="account_login",
    ),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("signup/", account.signup, name="account_signup"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path(
        "password/change/",
        for_local_sign_ins(account.password_change),
        name="account_change_password",
    ),
    path("password/set/", for_local_sign_ins(account.password_set), name="account_set_password"),
    path("password/reset/", account.password_reset, name="account_reset_password"),
    path("password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("second-factors/", mfa.index, name="mfa_index"),
    path("second-factors/authenticate/", mfa.authenticate, name="mfa_authenticate"),
    path("second-factors/reauthenticate/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("second-factors/app/", totp.activate_totp, name="mfa_activate_totp"),
    path("second-factors/app/remove/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path(
        "second-factors/recovery-codes/",
        recovery_codes.view_recovery_codes,
        name="mfa_view_recovery_codes",
    ),
    path(
        "second-factors/recovery-codes/new/",
        recovery_codes.generate_recovery_codes,
        name="mfa_generate_recovery_codes",
    ),
    path(
        "second-factors/recovery-codes.txt",
        recovery_codes.download_recovery_codes,
        name="mfa_download_recovery_codes",
    ),
    path("passkeys/", webauthn.list_webauthn, name="mfa_list_webauthn"),
    path("passkeys/add/", webauthn.add_webauthn, name="mfa_add_webauthn"),
    path("passkeys/login/", webauthn.login_webauthn, name="mfa_login_webauthn"),
    path(
        "passkeys/reauthenticate/",
        webauthn.reauthenticate_webauthn,
        name="mfa_reauthenticate_webauthn",
    ),
    path("passkeys/<int:pk>/", webauthn.edit_webauthn, name="mfa_edit_webauthn"),
    path("passkeys/<int:pk>/remove/", second_factors.remove, name="mfa_remove_webauthn"),
    path("with/<slug:protocol>/", provider_views.leave, name="leave_for_provider"),
    path(
        "oidc/<slug:provider_id>/login/callback/",
        provider_views.openid_connect_callback,
        name="openid_connect_callback",
    ),
    path("saml/<slug:organization_slug>/acs/", provider_views.saml_acs, name="saml_acs"),
    path(
        "saml/<slug:organization_slug>/acs/finish/",
        provider_views.saml_finish,
        name="saml_finish_acs",
    ),
    path("saml/<slug:organization_slug>/sls/", provider_views.saml_sls, name="saml_sls"),
    path(
        "saml/<slug:organization_slug>/metadata/",
        provider_views.saml_metadata,
        name="saml_metadata",
    ),
]
