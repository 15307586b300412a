"""Addresses below /api/ that lead nowhere, answered in the API's own language."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views import View

from mediconnect.errors import NotFound

from .problems import problem


class UnknownAddress(View):
    """A problem document for any method on an address that is not there."""

    def dispatch(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Refuse: there is nothing here."""
        return problem(NotFound("There is nothing at this address; /api/v1/docs/ lists what there is."), request)
