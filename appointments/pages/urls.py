"""Addresses below /calendar/, each of which is a secret."""

from django.urls import path

from . import feeds

app_name = "feed"

urlpatterns = [path("<str:secret>.ics", feeds.feed, name="feed")]
