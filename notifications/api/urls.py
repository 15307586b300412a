"""The addresses of messages, below /api/v1/."""

from django.urls import path

from .messages import DiscardView, MessageEventsView, MessagesView, MessageView, RequeueView

_MESSAGE = "messages/<uuid:message_id>/"

urlpatterns = [
    path("messages/", MessagesView.as_view(), name="messages"),
    path(_MESSAGE, MessageView.as_view(), name="message"),
    path(f"{_MESSAGE}events/", MessageEventsView.as_view(), name="message-events"),
    path(f"{_MESSAGE}requeue/", RequeueView.as_view(), name="message-requeue"),
    path(f"{_MESSAGE}discard/", DiscardView.as_view(), name="message-discard"),
]
