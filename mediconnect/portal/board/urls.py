"""Addresses of the day board."""

from django.urls import path

from . import views

urlpatterns = [
    path("", views.board, name="board"),
]
