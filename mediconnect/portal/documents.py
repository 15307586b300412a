"""The API's own description: the OpenAPI document, and pages for people that no outside host serves."""

from typing import Final

from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from mediconnect.accounts.api.schema import BearerScheme, SessionScheme

# How callers are named in the document; the framework knows them from their import.
SCHEMES: Final = (BearerScheme, SessionScheme)


class Schema(SpectacularAPIView):
    """The OpenAPI 3.1 document. Public: it describes addresses, and holds nobody's data."""

    authentication_classes = ()
    permission_classes = ()


class Reference(SpectacularSwaggerSplitView):
    """The document as pages for people; its script comes as a file, so that the content-security policy holds."""

    authentication_classes = ()
    permission_classes = ()
