"""Ask for the birth date before anything is shown or done that only the patient may."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from mediconnect.accounts.errors import TooManyAttempts
from mediconnect.errors import DomainError
from notifications.errors import BirthDateWrong, LinkRevoked
from notifications.services.linking.checking import can_be_checked, check_birth_date

from .doors import Holder, habits_of, keep_checked, link_page, to
from .forms import BirthDateForm
from .showing import show

_FIELD_ERRORS = 400


@require_http_methods(["GET", "HEAD", "POST"])
@link_page
def check(request: HttpRequest, holder: Holder) -> HttpResponse:
    """Compare a birth date, and go on to what it was asked for."""
    _require_something_to_see(holder)
    if request.method != "POST":
        return ask(request, holder)
    form = BirthDateForm(request.POST, habits=habits_of(holder.opened))
    if not form.is_valid():
        return ask(request, holder, form=form)
    wanted: str = form.cleaned_data["on"]
    number = int(wanted.partition("/")[0]) if "/" in wanted else None
    try:
        numbers = check_birth_date(opened=holder.opened, birth_date=form.cleaned_data["birth_date"], number=number)
    except (BirthDateWrong, TooManyAttempts) as error:
        return ask(request, holder, form=form, error=error)
    return keep_checked(to(holder.at("link") + (f"{wanted}/" if wanted else "")), holder, frozenset(numbers))


def ask(
    request: HttpRequest,
    holder: Holder,
    on: str = "",
    *,
    form: BirthDateForm | None = None,
    error: DomainError | None = None,
) -> HttpResponse:
    """Return the page that asks; `on` is the step for which it is asked: `1/cancel`, `accept`. Raises `LinkRevoked`."""
    _require_something_to_see(holder)
    form = form or BirthDateForm(habits=habits_of(holder.opened), initial={"on": on})
    status = error.status if error else _FIELD_ERRORS if form.errors else 200
    closed = isinstance(error, TooManyAttempts) or not can_be_checked(holder.opened)
    response = show(request, holder, "check", status=status, form=form, error=error, closed=closed)
    if error and "retry_after" in error.extra:
        response["Retry-After"] = str(error.extra["retry_after"])
    return response


def _require_something_to_see(holder: Holder) -> None:
    """Raise `LinkRevoked` where nothing that was told holds: then a date would only be tried out."""
    if not holder.opened.anything_to_see:
        raise LinkRevoked
