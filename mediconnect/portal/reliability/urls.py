"""Addresses of what the house knows of its own soundness; of no clinic, as the promises are about all of them."""

from django.urls import path

from . import views

urlpatterns = [
    path("reliability/", views.reliability, name="reliability"),
    path("reliability/check/", views.check_now, name="reliability-check"),
]
