"""Addresses of the account pages, mounted at /accounts/."""

from django.urls import path, re_path

from mediconnect.accounts.pages import claim, passwords, sessions, sign_in

app_name = "accounts"
urlpatterns = [
    path("sign-in/", sign_in.sign_in, name="sign-in"),
    path("sign-out/", sign_in.sign_out, name="sign-out"),
    path("second-factor/", sign_in.second_factor, name="second-factor"),
    path("second-factor/enrol/", sign_in.enrol, name="enrol"),
    path("second-factor/codes/", sign_in.recovery_codes, name="recovery-codes"),
    path("password/", passwords.change, name="password"),
    path("reset/", passwords.reset_request, name="reset"),
    path("reset/new/", passwords.reset, name="reset-password"),
    path("reset/<str:token>/", passwords.reset_link, name="reset-link"),
    path("invitation/<str:token>/", claim.invitation, name="invitation"),
    path("claim/", claim.birth_date, name="claim"),
    path("claim/code/", claim.code, name="claim-code"),
    path("claim/account/", claim.account, name="claim-account"),
    path("claim/e-mail/", claim.email, name="claim-email"),
    path("claim/attach/", claim.attach, name="claim-attach"),
    path("sessions/", sessions.sessions, name="sessions"),
    path("sessions/end-others/", sessions.end_others, name="end-others"),
    re_path(r"^sessions/(?P<key>[0-9a-f]{64})/end/$", sessions.end, name="end-session"),
]
