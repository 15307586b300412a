"""The addresses of the probes. They have no slash at the end: orchestrators do not follow redirects."""

from django.urls import path

from .views import liveness, readiness

app_name = "health"

urlpatterns = [
    path("liveness", liveness, name="liveness"),
    path("readiness", readiness, name="readiness"),
]
