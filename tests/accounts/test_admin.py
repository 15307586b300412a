"""The admin: our way in, our services, no silent overwriting."""

import pytest
from django.conf import settings
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from mediconnect.accounts.models import Session, User
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

HOME = f"/{settings.ADMIN_PATH}"


@pytest.fixture
def boss(client: Client) -> User:
    user = UserFactory.create(is_superuser=True, is_staff=True)
    client.force_login(user)
    return user


def form_of(client: Client, user: User) -> dict[str, object]:
    page = client.get(reverse("admin:accounts_user_change", args=[user.pk]))
    form = page.context["adminform"].form
    return {name: form[name].value() or "" for name in form.fields if name != "groups"}


def test_visitors_are_sent_to_our_sign_in(client: Client) -> None:
    assert client.get(HOME)["Location"] == f"/{settings.ADMIN_PATH}login/?next={HOME}"
    assert client.get(f"{HOME}login/?next={HOME}")["Location"] == f"/accounts/sign-in/?next={HOME}"
    answer = client.post(f"{HOME}login/", {"username": UserFactory.create().email, "password": PASSWORD})
    assert answer["Location"].startswith("/accounts/sign-in/")
    assert not Session.objects.exists()


def test_whoever_may_not_is_told_so_and_not_sent_round_in_circles(client: Client) -> None:
    client.force_login(UserFactory.create())
    assert client.get(f"{HOME}login/").status_code == 403


@pytest.mark.usefixtures("boss")
def test_every_list_opens_and_can_be_searched(client: Client) -> None:
    for model, options in admin.site._registry.items():
        if model._meta.app_label != "accounts":
            continue
        path = reverse(f"admin:accounts_{model._meta.model_name}_changelist")
        assert client.get(path).status_code == 200, path
        assert client.get(path, {"q": "carter"}).status_code == 200, path
        assert options.list_filter
        assert options.date_hierarchy


@pytest.mark.usefixtures("boss")
def test_a_colleague_is_made_without_a_password(client: Client) -> None:
    values = {"email": "Dana@Example.org", "display_name": "Dana Fox", "language": "en", "is_active": "on"}
    assert client.post(reverse("admin:accounts_user_add"), values).status_code == 302
    user = User.objects.get(email="dana@example.org")
    assert not user.has_usable_password()


@pytest.mark.usefixtures("boss")
def test_switching_somebody_off_ends_their_sessions(client: Client) -> None:
    user = UserFactory.create()
    theirs = Client()
    theirs.force_login(user)
    values = form_of(client, user) | {"is_active": ""}
    assert client.post(reverse("admin:accounts_user_change", args=[user.pk]), values).status_code == 302
    assert not User.objects.get(pk=user.pk).is_active
    assert theirs.get("/accounts/sessions/").status_code == 302


@pytest.mark.usefixtures("boss")
def test_a_page_that_is_out_of_date_overwrites_nothing(client: Client) -> None:
    user = UserFactory.create()
    values = form_of(client, user) | {"display_name": "Mine"}
    User.objects.filter(pk=user.pk).update(display_name="Theirs")
    answer = client.post(reverse("admin:accounts_user_change", args=[user.pk]), values)
    assert answer.status_code == 200
    assert "Somebody else changed this first" in answer.content.decode()
    assert User.objects.get(pk=user.pk).display_name == "Theirs"


@pytest.mark.usefixtures("boss")
def test_nobody_is_deleted_and_secrets_are_not_shown(client: Client) -> None:
    user = UserFactory.create()
    assert client.post(reverse("admin:accounts_user_delete", args=[user.pk])).status_code == 403
    page = client.get(reverse("admin:accounts_user_change", args=[user.pk])).content.decode()
    assert user.password not in page


def test_tokens_cannot_be_written_by_hand(client: Client, boss: User) -> None:
    for model in ("accesstoken", "refreshtoken", "grant", "idtoken"):
        path = reverse(f"admin:oauth2_provider_{model}_add")
        assert client.get(path).status_code == 403, model
        assert client.get(reverse(f"admin:oauth2_provider_{model}_changelist")).status_code == 200
    assert boss.is_superuser


def test_an_action_signs_somebody_out_everywhere(client: Client, boss: User) -> None:
    user = UserFactory.create()
    theirs = Client()
    theirs.force_login(user)
    values = {"action": "sign_out_everywhere", "_selected_action": [str(user.pk)]}
    assert client.post(reverse("admin:accounts_user_changelist"), values).status_code == 302
    assert theirs.get("/accounts/sessions/").status_code == 302
    assert client.get(HOME).status_code == 200
    assert boss.is_active
