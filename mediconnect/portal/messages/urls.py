"""Addresses of messages."""

from django.urls import path

from .views import lists, messages, replies, standing

urlpatterns = [
    path("messages/", lists.todo, name="messages"),
    path("messages/pulse/", lists.pulse, name="messages-pulse"),
    path("messages/log/", lists.log, name="message-log"),
    path("messages/requeue/", messages.requeue_shown, name="messages-requeue"),
    path("messages/<uuid:message>/", messages.message, name="message"),
    path("messages/<uuid:message>/requeue/", messages.requeue, name="message-requeue"),
    path("messages/<uuid:message>/discard/", messages.discard, name="message-discard"),
    path("replies/<uuid:reply>/", replies.reply, name="reply"),
    path("replies/<uuid:reply>/answer/", replies.answer, name="reply-answer"),
    path("replies/<uuid:reply>/close/", replies.close, name="reply-close"),
    path("patients/<uuid:patient>/contacts/<uuid:contact>/standing/", standing.standing, name="patient-standing"),
]
