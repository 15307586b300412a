"""Addresses of many at once."""

from django.urls import path

from . import views

urlpatterns = [
    path("many/", views.select, name="batches"),
    path("many/preview/", views.preview, name="batch-preview"),
    path("many/start/", views.start, name="batch-start"),
    path("many/<uuid:batch>/", views.batch, name="batch"),
    path("many/<uuid:batch>/pulse/", views.pulse, name="batch-pulse"),
    path("many/<uuid:batch>/list.csv", views.as_file, name="batch-file"),
    path("many/<uuid:batch>/stop/", views.stop, name="batch-stop"),
    path("many/<uuid:batch>/retry/", views.retry, name="batch-retry"),
    path("many/<uuid:batch>/undo/", views.undo, name="batch-undo"),
]
