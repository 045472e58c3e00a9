"""One small form over one verb: shown, saved, or shown again with what the verb refuses."""

from collections.abc import Callable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from law.parameters_at import NotInForce

NO_RULE = _("Aucune règle n'est connue à cette date.")


def form_page(
    request: HttpRequest,
    form: Any,
    *,
    title: Any,
    save: Callable[..., Any],
    back: str,
    back_id: int | None = None,
    then: Callable[[Any], HttpResponse] | None = None,
    notes: Sequence[str] = (),
) -> HttpResponse:
    """Give what was typed to `save(**values)`; `then(its answer)` leads on, else one goes back to the page `back`.

    `notes` are said above the form.
    """
    if request.method == "POST" and form.is_valid():
        try:
            written = save(**form.cleaned_data)
        except ValidationError as error:
            form.refuse(error)
        except NotInForce:
            form.add_error(None, NO_RULE)
        else:
            if then:
                return then(written)
            return redirect(back, back_id) if back_id else redirect(back)
    context = {"form": form, "title": title, "back": back, "back_id": back_id, "notes": notes}
    return render(request, "web/form.html", context)
