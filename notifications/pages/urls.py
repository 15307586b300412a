"""Addresses below /a/<token>/; a visit is known there by its place on the page, so that no id stands in them."""

from django.urls import path

from . import answering, checking, moving, unsubscribing, visits

app_name = "link"

urlpatterns = [
    path("", visits.link, name="link"),
    path("check/", checking.check, name="check"),
    path("unsubscribe/", unsubscribing.unsubscribe, name="unsubscribe"),
    path("accept/", answering.accept, name="accept"),
    path("decline/", answering.decline, name="decline"),
    path("leave/", answering.leave, name="leave"),
    path("<int:number>/confirm/", visits.confirm, name="confirm"),
    path("<int:number>/cancel/", visits.cancel, name="cancel"),
    path("<int:number>/undo/", visits.undo, name="undo"),
    path("<int:number>/move/", moving.move, name="move"),
    path("<int:number>/call/", visits.call, name="call"),
    path("<int:number>/visit.ics", visits.calendar, name="calendar"),
]
