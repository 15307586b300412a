"""Addresses of tables that come in and go out."""

from django.urls import path

from . import importing, leaving, overview

_RUN = "setup/exchange/imports/<uuid:run>/"

urlpatterns = [
    path("setup/exchange/", overview.overview, name="exchange"),
    path(_RUN, importing.import_page, name="exchange-import"),
    path(f"{_RUN}start/", importing.start, name="exchange-start"),
    path(f"{_RUN}drop/", importing.drop, name="exchange-drop"),
    path(f"{_RUN}refused.<str:form>", leaving.refused_rows, name="exchange-refused"),
    path("setup/exchange/<str:kind>/", overview.of_kind, name="exchange-kind"),
    path("setup/exchange/<str:kind>/template.<str:form>", leaving.template, name="exchange-template"),
    path("setup/exchange/<str:kind>/upload/", importing.upload, name="exchange-upload"),
    path("setup/exchange/<str:kind>/export/", leaving.export, name="exchange-export"),
]
