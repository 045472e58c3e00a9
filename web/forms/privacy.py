"""Forms about the rights of people over their data."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from law.nomenclature import choices
from parcours.models import Attachment
from privacy import catalogue
from privacy.models import Consent, DataRequest, Erasure
from web.forms.fields import DateInput
from web.forms.life import Small

CHOOSE = [("", _("Choisir"))]


class KeepForm(Small):
    reason = forms.CharField(
        label=_("Motif"),
        max_length=300,
        help_text=_("Un litige, une demande d'une administration : ce qui oblige à garder."),
    )
    until = forms.DateField(label=_("Garder jusqu'au"), widget=DateInput)


class EraseForm(Small):
    ground = forms.ChoiceField(
        label=_("Motif"), choices=[c for c in Erasure.Ground.choices if c[0] != Erasure.Ground.TERM.value]
    )
    sure = forms.BooleanField(
        label=_("Tout effacer"),
        help_text=_(
            "Dossier, histoire, pièces et documents disparaissent pour tout le monde. Rien ne les fera revenir."
        ),
    )

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        said.pop("sure", None)
        return said


class ReceiveForm(Small):
    kind = forms.ChoiceField(label=_("Ce qu'elle demande"), choices=lambda: [*CHOOSE, *catalogue.choices_of("kinds")])
    received_on = forms.DateField(
        label=_("Reçue le"),
        widget=DateInput,
        initial=timezone.localdate,
        help_text=_("La réponse est due un mois après, peu importe qui l'a reçue."),
    )
    channel = forms.ChoiceField(label=_("Reçue par"), choices=lambda: [*CHOOSE, *choices("contact_channel")])
    words = forms.CharField(
        label=_("Dans ses mots"), max_length=4000, widget=forms.Textarea({"rows": 3}),
        help_text=_("Lu par qui accompagne et par la direction : rien de la santé ni de la justice qui n'est pas utile."),
    )  # fmt: skip
    part = forms.ChoiceField(
        label=_("Pour une correction : la partie fausse"), choices=[*CHOOSE, *catalogue.PARTS], required=False
    )
    wanted = forms.CharField(
        label=_("Pour une correction : ce que le dossier devrait dire"), max_length=4000, required=False,
        widget=forms.Textarea({"rows": 2}),
    )  # fmt: skip


class IdentityForm(Small):
    checked_on = forms.DateField(
        label=_("Établie le"), widget=DateInput, initial=timezone.localdate,
        help_text=_("Une pièce d'identité ne se demande qu'en cas de doute, et ne se garde pas."),
    )  # fmt: skip


class ExtendForm(Small):
    reason = forms.CharField(
        label=_("Pourquoi"),
        max_length=500,
        help_text=_("La complexité ou le nombre des demandes ; c'est dit à la personne."),
    )
    extended_on = forms.DateField(label=_("Dit à la personne le"), widget=DateInput, initial=timezone.localdate)


class AnswerRequestForm(Small):
    answer = forms.ChoiceField(label=_("Réponse"), choices=[*CHOOSE, *DataRequest.Answer.choices])
    ground = forms.ChoiceField(label=_("Motif, pour un refus même en partie"), required=False)
    said = forms.CharField(
        label=_("Ce qui est répondu"),
        max_length=4000,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("Imprimé dans la lettre."),
    )
    answered_on = forms.DateField(label=_("Répondue le"), widget=DateInput, initial=timezone.localdate)

    def __init__(self, *args: Any, about: DataRequest, **kwargs: Any) -> None:
        super().__init__(*args, about=about, **kwargs)
        grounds = catalogue.entries("grounds").values()
        mine = [(one["code"], f"{one['label']} ({one['article']})") for one in grounds if about.kind in one["kinds"]]
        self.fields["ground"].choices = [*CHOOSE, *mine]  # type: ignore[attr-defined]


class DoneForm(Small):
    done_on = forms.DateField(label=_("Fait le"), widget=DateInput, initial=timezone.localdate)
    done = forms.CharField(label=_("Ce qui a été fait"), max_length=500, required=False)


class ConsentForm(Small):
    agreed = forms.TypedChoiceField(
        label=_("Ce qu'elle répond"), choices=[*CHOOSE, ("oui", _("Oui, elle accepte")), ("non", _("Non, elle n'accepte pas"))],
        coerce=lambda said: said == "oui",
    )  # fmt: skip
    said_on = forms.DateField(label=_("Répondu le"), widget=DateInput, initial=timezone.localdate)
    how = forms.ChoiceField(label=_("Comment"), choices=[*CHOOSE, *Consent.How.choices])
    paper = forms.ModelChoiceField(
        label=_("Papier signé (facultatif)"), queryset=Attachment.objects.none(), required=False, empty_label=_("Aucun"),
        help_text=_("Parmi les pièces jointes de ses suivis."),
    )  # fmt: skip

    def __init__(self, *args: Any, papers: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["paper"].queryset = papers  # type: ignore[attr-defined]


class WithdrawForm(Small):
    withdrawn_on = forms.DateField(label=_("Retiré le"), widget=DateInput, initial=timezone.localdate)
    withdrawn_how = forms.ChoiceField(label=_("Comment"), choices=[*CHOOSE, *Consent.How.choices])
