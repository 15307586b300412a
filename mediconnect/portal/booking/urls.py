"""Addresses of the booking panel."""

from django.urls import path

from . import views

urlpatterns = [
    path("book/", views.book, name="book"),
    path("book/patients/", views.patients, name="book-patients"),
    path("book/new-patient/", views.new_patient, name="book-new-patient"),
    path("book/times/", views.times, name="book-times"),
    path("book/why/", views.why, name="book-why"),
    path("book/hold/", views.hold, name="book-hold"),
]
