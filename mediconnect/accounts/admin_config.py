"""Give the admin our own way in, with throttling and second factor."""

from django.contrib.admin.apps import AdminConfig


class SignInAdminConfig(AdminConfig):
    """Django's admin, served by our site class."""

    default_site = "mediconnect.accounts.admin_site.SignInAdminSite"
