"""Addresses of one visit."""

from django.urls import path

from .views import cancelling, card, checking, moving, noting, stepping

urlpatterns = [
    path("visits/<uuid:visit>/", card.visit, name="visit"),
    path("visits/<uuid:visit>/step/", stepping.step, name="visit-step"),
    path("visits/<uuid:visit>/undo/", stepping.undo, name="visit-undo"),
    path("visits/<uuid:visit>/move/", moving.move, name="visit-move"),
    path("visits/<uuid:visit>/check/", checking.check, name="visit-check"),
    path("visits/<uuid:visit>/cancel/", cancelling.cancel, name="visit-cancel"),
    path("visits/<uuid:visit>/notes/", noting.notes, name="visit-notes"),
]
