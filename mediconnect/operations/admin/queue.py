"""Take the queue's own tables out of the admin: their forms name functions to be called, and unpickle what is stored."""

import django_q.admin  # noqa: F401 - registers them: only what is there can be taken out
from django.contrib import admin
from django_q.models import Failure, OrmQ, Schedule, Success

# What matters of the queue is shown elsewhere: deliveries by the outbox, clusters by health.
for _model in (Schedule, Success, Failure, OrmQ):
    if admin.site.is_registered(_model):
        admin.site.unregister(_model)
