"""Register the programs that may ask for tokens."""

from oauth2_provider.generators import generate_client_secret
from oauth2_provider.models import Application

from mediconnect.accounts.errors import ClientInvalid


def register_client(*, name: str, client_id: str, redirect_uris: list[str]) -> Application:
    """Register, or bring up to date, a public client for patients: authorization code with PKCE, no secret.

    Redirect addresses are compared exactly. Raises `ClientInvalid` where there is none.
    """
    if not redirect_uris:
        raise ClientInvalid(detail="A client for patients needs a redirect address.")
    client, _ = Application.objects.update_or_create(
        client_id=client_id,
        defaults={
            "name": name,
            "client_type": Application.CLIENT_PUBLIC,
            "authorization_grant_type": Application.GRANT_AUTHORIZATION_CODE,
            "redirect_uris": " ".join(redirect_uris),
            "client_secret": "",
            "skip_authorization": False,
        },
    )
    return client


def register_system(*, name: str, client_id: str) -> tuple[Application, str]:
    """Register a system for client credentials; return it with its secret, which is readable only now.

    Registering it again replaces the secret.
    """
    secret = generate_client_secret()
    client, _ = Application.objects.update_or_create(
        client_id=client_id,
        defaults={
            "name": name,
            "client_type": Application.CLIENT_CONFIDENTIAL,
            "authorization_grant_type": Application.GRANT_CLIENT_CREDENTIALS,
            "redirect_uris": "",
            "client_secret": secret,
            "skip_authorization": False,
        },
    )
    return client, secret
