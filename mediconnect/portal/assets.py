"""How style sheets, scripts and pictures are named in production: by what is in them, so that browsers may keep them."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class Assets(CompressedManifestStaticFilesStorage):
    """Files whose names carry a fingerprint, in the imports of scripts as well.

    Without that a module would be loaded twice: once by its new name from a page, once by its old one from a script.
    """

    support_js_module_import_aggregation = True
