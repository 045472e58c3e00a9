"""Bootstrap's looks for Django's own widgets, and how a verb's refusal lands on a form."""

from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError

from audit.days import IN_LIFE

LOOKS: dict[type[Any], str] = {
    forms.Select: "form-select",
    forms.NullBooleanSelect: "form-select",
    forms.SelectMultiple: "form-select",
    forms.CheckboxInput: "form-check-input",
    forms.RadioSelect: "btn-check",
    forms.CheckboxSelectMultiple: "form-check-input",
    forms.FileInput: "form-control",
    forms.ClearableFileInput: "form-control",
}


class DateInput(forms.DateInput):
    """The browser's own calendar; dates travel as ISO."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class Words(forms.Textarea):
    """Free words about a person: while they are typed, the page may suggest others (parcours.wording), never more."""

    def __init__(self, rows: int = 2) -> None:
        super().__init__({"rows": rows, "data-words": "oui"})


class BootstrapMixin:
    """Gives each widget its class, each date its bounds, and marks the fields in error for assistive technologies."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():  # type: ignore[attr-defined]
            look = LOOKS.get(type(field.widget), "form-control")
            if isinstance(field, forms.DateField):  # spans are counted from it: it must leave room
                field.validators += IN_LIFE
            field.widget.attrs["class"] = f"{field.widget.attrs.get('class', '')} {look}".strip()

    def refuse(self, error: ValidationError) -> None:
        """Show a verb's refusal at the fields it names, or above the form."""
        if not hasattr(error, "error_dict"):
            self.add_error(None, error)  # type: ignore[attr-defined]
            return
        for name, messages in error.message_dict.items():
            known = name in self.fields and name != NON_FIELD_ERRORS  # type: ignore[attr-defined]
            self.add_error(name if known else None, messages)  # type: ignore[attr-defined]
