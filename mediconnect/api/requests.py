"""The request as endpoints see it: a DRF request whose caller is known."""

from rest_framework.request import Request

from .principal import Principal


class ApiRequest(Request):
    """A request that has passed authentication; `principal` says for whom it speaks."""

    principal: Principal
