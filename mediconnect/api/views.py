"""The base of every endpoint: who calls, may they, how often, and how refusals look."""

import uuid
from typing import Any, ClassVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework.parsers import JSONParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from mediconnect.errors import NotFound, NotPermitted

from .access import AccessTable
from .errors import MethodNotAllowed, NotAuthenticated
from .principal import Principal
from .problems import handle
from .requests import ApiRequest
from .throttles import admit


class ApiView(APIView):
    """An endpoint. `access` names, for each method it has, who may use it; a method that is not named is refused.

    After authentication `request.principal` is the caller. Refusals are raised; `problems.handle` renders them.
    """

    access: ClassVar[AccessTable] = {}
    parser_classes = (JSONParser,)
    renderer_classes = (JSONRenderer,)
    permission_classes = ()
    throttle_classes = ()

    @property
    def allowed_methods(self) -> list[str]:
        """The methods that this path takes, for the Allow header."""
        return sorted(name.upper() for name in self.http_method_names if name != "options" and hasattr(self, name))

    def initial(self, request: Request, *_args: Any, **_kwargs: Any) -> None:
        """Find out who calls, how often, and whether this method is theirs to use, in that order."""
        principal = request.auth if isinstance(request.auth, Principal) else None
        if principal is None:
            raise NotAuthenticated
        request.principal = principal  # type: ignore[attr-defined]
        admit(principal)
        method = "GET" if request.method == "HEAD" else request.method or ""
        if method in self.access:
            self.access[method].check(principal)
        elif method.lower() in self.http_method_names and method in self.allowed_methods:
            raise NotPermitted  # nobody said who may use it

    def http_method_not_allowed(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:  # theirs
        """Refuse a method that this path does not take."""
        raise MethodNotAllowed(self.allowed_methods)

    def options(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Refuse: descriptions are in the schema, and no other origin is served."""
        return self.http_method_not_allowed(request, *args, **kwargs)

    def handle_exception(self, exc: Exception) -> HttpResponseBase:  # type: ignore[override]
        """Return the problem document of whatever was raised."""
        return handle(exc, self.request)

    def may_see(self, _request: ApiRequest, _resource_id: uuid.UUID) -> bool:
        """Return whether the caller may still see the object of a stored answer; endpoints that store answers say so."""
        return False


def identifier(text: str) -> uuid.UUID:
    """Return the UUID in a path or query; raises `NotFound` for anything else, as for an object that is not there."""
    try:
        return uuid.UUID(text)
    except ValueError:
        raise NotFound from None
