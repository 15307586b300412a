"""Addresses of the OAuth 2 server, mounted at /o/: these three; everything else the toolkit brings is 404."""

from django.urls import path
from oauth2_provider import views

from mediconnect.accounts.pages.authorize import ConsentView, well_formed

app_name = "oauth2_provider"
urlpatterns = [
    path("authorize/", well_formed(ConsentView.as_view()), name="authorize"),
    path("token/", well_formed(views.TokenView.as_view()), name="token"),
    path("revoke_token/", well_formed(views.RevokeTokenView.as_view()), name="revoke-token"),
]
