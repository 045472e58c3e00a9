"""A step towards a right moves: requested, opened, refused…"""

from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from accounts.access import load
from accounts.roles import Permission
from law.nomenclature import choices
from rights import actions
from rights.models import RightStep
from web.access import me, needs
from web.forms.fields import BootstrapMixin, DateInput


class StepForm(BootstrapMixin, forms.Form):
    state = forms.ChoiceField(label=_("État"), choices=lambda: choices("right_state"))
    on = forms.DateField(label=_("Le"), widget=DateInput)
    expires_on = forms.DateField(label=_("Dernier jour du droit"), widget=DateInput, required=False)
    note = forms.CharField(label=_("Précision"), required=False, max_length=300)


@needs(Permission.WRITE_FOLLOW_UP)
@require_http_methods(["GET", "POST"])
def move(request: HttpRequest, step_id: int) -> HttpResponse:
    rows = RightStep.objects.visible_to(request.user, Permission.WRITE_FOLLOW_UP).select_related("pathway__worker")
    step = load(rows, pk=step_id)
    today: date = timezone.localdate()
    form = StepForm(request.POST or None, initial={"state": step.state, "on": today, "expires_on": step.expires_on})
    if request.method == "POST" and form.is_valid():
        try:
            actions.move_step(by=me(request), step=step, **form.cleaned_data)
            return redirect("worker", step.pathway.worker_id)
        except ValidationError as error:
            form.refuse(error)
    context = {"form": form, "title": step.get_right_display(), "back": "worker", "back_id": step.pathway.worker_id}
    return render(request, "web/form.html", context)
