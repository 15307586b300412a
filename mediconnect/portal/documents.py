"""The API's own description: the OpenAPI document, and pages for people that no outside host serves."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from drf_spectacular.views import SpectacularAPIView, SpectacularRedocView


class Schema(SpectacularAPIView):
    """The OpenAPI 3.1 document. Public: it describes addresses, and holds nobody's data."""

    authentication_classes = ()
    permission_classes = ()


class Reference(SpectacularRedocView):
    """The document as pages for people."""

    authentication_classes = ()
    permission_classes = ()

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # type: ignore[override]
        """Show the pages."""
        return super().get(request, *args, **kwargs)
