"""Addresses of groups."""

from django.urls import path

from . import views

urlpatterns = [
    path("groups/", views.groups, name="groups"),
    path("groups/<uuid:session>/", views.group, name="group"),
]
