"""Addresses of the waitlist."""

from django.urls import path

from . import answering, views, writing

urlpatterns = [
    path("waitlist/", views.waitlist, name="waitlist"),
    path("waitlist/new/", writing.new_wish, name="waitlist-new"),
    path("waitlist/<uuid:entry>/", views.wish, name="wish"),
    path("waitlist/<uuid:entry>/change/", writing.change_wish, name="wish-change"),
    path("waitlist/<uuid:entry>/leave/", writing.leave, name="wish-leave"),
    path("waitlist/offers/<uuid:offer>/accept/", answering.accept, name="offer-accept"),
    path("waitlist/offers/<uuid:offer>/decline/", answering.decline, name="offer-decline"),
]
