"""Addresses of signing in, of one's own account and of the administration of people."""

from allauth.account.views import account_inactive, logout, reauthenticate
from allauth.mfa.base.views import authenticate as code_step
from allauth.mfa.base.views import reauthenticate as code_again
from django.urls import URLPattern, URLResolver, include, path

from guanxi.people.views import administration, own, signin

_people: list[URLPattern | URLResolver] = [
    path(
        "accounts/password/<str:uid>/<str:token>/", signin.choose_password, name="choose_password"
    ),
    path("me/", own.profile, name="profile"),
    path("me/password/", own.password, name="password"),
    path("me/second-factor/", own.second_factor, name="second_factor"),
    path("me/second-factor/off/", own.second_factor_disable, name="second_factor_disable"),
    path("me/second-factor/codes/", own.recovery_codes, name="recovery_codes"),
    path("me/sessions/", own.sessions, name="sessions"),
    path("me/sessions/end/", own.sessions_end, name="sessions_end"),
    path("me/sessions/<int:pk>/end/", own.session_end, name="session_end"),
    path("me/tokens/", own.tokens, name="tokens"),
    path("me/tokens/<int:pk>/revoke/", own.token_revoke, name="token_revoke"),
    path("roles/<int:pk>/rights/", administration.role_rights, name="role_rights"),
    path("users/sessions/<int:pk>/end/", administration.user_session_end, name="user_session_end"),
    path(
        "users/tokens/<int:pk>/revoke/", administration.user_token_revoke, name="user_token_revoke"
    ),
    path("organisation/", administration.organisation, name="organisation"),
]

# These names are looked up by allauth and by the frame of the pages.
urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/login/", signin.LoginView.as_view(), name="account_login"),
    path("accounts/logout/", logout, name="account_logout"),
    path("accounts/inactive/", account_inactive, name="account_inactive"),
    path("accounts/confirm/", reauthenticate, name="account_reauthenticate"),
    path("accounts/reset/", signin.reset_request, name="account_reset_password"),
    path("accounts/code/", code_step, name="mfa_authenticate"),
    path("accounts/confirm/code/", code_again, name="mfa_reauthenticate"),
    path("preferences/", own.preferences, name="preferences"),
    path("", include((_people, "people"))),
]
