"""Addresses of the day board."""

from django.urls import path

from . import views

urlpatterns = [
    path("", views.board, name="board"),
    path("pulse/", views.pulse, name="pulse"),
    path("next-free/", views.next_free, name="next-free"),
]
