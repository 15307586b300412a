"""Addresses of the waiting room: its screens, and who is told that it takes longer."""

from django.urls import path

from . import calling, delays, views

urlpatterns = [
    path("waiting-room/", views.waiting_room, name="waiting-room"),
    path("waiting-room/screens/", views.new_screen, name="waiting-room-screen-new"),
    path("waiting-room/screens/<uuid:screen>/revoke/", views.revoke, name="waiting-room-screen-revoke"),
    path("waiting-room/delays/", delays.tell, name="waiting-room-tell"),
    path("waiting-room/delays/by-themselves/", delays.by_themselves, name="waiting-room-threshold"),
    path("waiting-room/<uuid:visit>/call/", calling.call, name="waiting-room-call"),
    path("waiting-room/<uuid:visit>/ticket/", calling.slip, name="waiting-room-slip"),
]
