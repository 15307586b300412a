"""The door of a clinic's budgets for overriding."""

from django.http import HttpResponse
from django.utils.translation import gettext as _

from mediconnect.api.access import ADMINS
from mediconnect.portal.desk import Desk, DeskRequest, desk_page
from mediconnect.portal.setup.editing import Origin, Outcome, attempt, finished, status_of
from mediconnect.portal.setup.forms.overbooking import BudgetsForm
from mediconnect.portal.showing import show
from providers.errors import BudgetsChanged
from providers.services.budgets import budgets_in, set_budgets


@desk_page(roles=ADMINS)
def overbooking(request: DeskRequest, desk: Desk) -> HttpResponse:
    """Say how many visits a day each role may put over the rules."""
    outcome = Outcome()
    form = BudgetsForm(request.POST or None, initial=BudgetsForm.showing(budgets_in(desk.clinic.pk)))
    if form.is_valid():

        def work() -> dict[str, object]:
            set_budgets(clinic_id=desk.clinic.pk, seen=form.seen(), wanted=form.wanted())
            return {}

        outcome = attempt(request, desk, form, work, at=Origin(request.path, request.path))
        if outcome.answer is not None:
            return finished(request, _("Saved. It holds from now on."), to=request.path)
        if outcome.status == BudgetsChanged.status:
            form = BudgetsForm(initial=BudgetsForm.showing(budgets_in(desk.clinic.pk)))
    words = {"room": "setup", "part": "overbooking", "form": form, **outcome.words}
    return show(request, desk, "portal/setup/overbooking.html", words, status=status_of(form, outcome))
