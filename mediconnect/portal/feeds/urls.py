"""Addresses of the page on which a provider's calendar is given to other programs."""

from django.urls import path

from . import views

_OF = "providers/<uuid:provider>/calendars/"

urlpatterns = [
    path(_OF, views.feeds, name="provider-feeds"),
    path(f"{_OF}<uuid:feed>/revoke/", views.revoke, name="provider-feed-revoke"),
]
