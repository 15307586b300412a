"""The addresses below /webhooks/ that Twilio and SendGrid are told to call."""

from django.urls import path

from .webhooks import sendgrid_events, twilio_inbound, twilio_status_told

urlpatterns = [
    path("twilio/inbound/", twilio_inbound, name="twilio-inbound"),
    path("twilio/status/", twilio_status_told, name="twilio-status"),
    path("sendgrid/events/", sendgrid_events, name="sendgrid-events"),
]
