"""Make consistent records with few words; related values are derived, never repeated."""

import factory
from django.utils import timezone

from mediconnect.accounts.models import User

PASSWORD = "plain-harbour-lantern"


class UserFactory(factory.django.DjangoModelFactory[User]):
    """Somebody with a verified address and the password above."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    display_name = factory.Sequence(lambda number: f"Robin Miller {number}")
    email = factory.LazyAttribute(lambda user: f"{user.display_name.lower().replace(' ', '.')}@example.org")
    email_verified_at = factory.LazyFunction(timezone.now)
    password = factory.django.Password(PASSWORD)
