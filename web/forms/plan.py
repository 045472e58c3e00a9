"""The plan: one short form a verb; today is filled in, and only what nobody could guess is asked."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from law.crosswalk import crosswalk
from law.nomenclature import choices
from parcours.models import Barrier, Objective, Pathway
from web.forms.fields import BootstrapMixin, DateInput, Words
from web.forms.worker import UNKNOWN

NONE = [("", "—")]


class PlanForm(BootstrapMixin, forms.Form):
    """A form about a pathway: `pathway` bounds the choices, `today` is where dates start."""

    days: tuple[str, ...] = ()

    def __init__(self, *args: Any, pathway: Pathway, principal: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.days:
            self.fields[name].initial = today
            self.fields[name].widget.attrs["max"] = today.isoformat()
        for field in self.fields.values():
            if isinstance(field, forms.ModelChoiceField) and field.queryset is not None:
                field.queryset = field.queryset.model.objects.visible_to(principal).filter(pathway=pathway)


class StrengthForm(PlanForm):
    days = ("stated_on",)
    words = forms.CharField(label=_("Avec quels mots"), max_length=300, widget=Words(rows=2))
    kind = forms.ChoiceField(label=_("Nature"), choices=lambda: choices("strength_kind"))
    said_by = forms.ChoiceField(label=_("Dit par"), choices=lambda: choices("said_by"), initial="worker")
    stated_on = forms.DateField(label=_("Le"), widget=DateInput)


class ObjectiveForm(PlanForm):
    days = ("set_on",)
    words = forms.CharField(
        label=_("Ce que veut la personne"), max_length=500, widget=Words(rows=2),
        help_text=_("Avec ses mots à elle : « je veux… »."),
    )  # fmt: skip
    own_words = forms.NullBooleanField(label=_("Ce sont ses propres mots"))
    theme = forms.ChoiceField(label=_("Thème (facultatif)"), choices=lambda: [*NONE, *choices("theme")], required=False)
    set_on = forms.DateField(label=_("Le"), widget=DateInput)
    cosigned_on = forms.DateField(label=_("Validé par la personne le"), widget=DateInput, required=False)


class ActionForm(PlanForm):
    days = ("decided_on",)
    what = forms.CharField(label=_("Ce qui va être fait"), max_length=200, widget=Words(rows=2))
    autonomy = forms.ChoiceField(
        label=_("Qui agit"), choices=lambda: [("", _("Pas encore dit")), *choices("action_autonomy")], required=False
    )
    due_on = forms.DateField(label=_("Pour le"), widget=DateInput, required=False)
    provider = forms.ChoiceField(label=_("Qui accompagne"), choices=lambda: choices("action_provider"))
    objective = forms.ModelChoiceField(
        label=_("Pour l'objectif (facultatif)"), queryset=Objective.objects.none(), required=False
    )
    barrier = forms.ModelChoiceField(
        label=_("Pour lever (facultatif)"), queryset=Barrier.objects.none(), required=False
    )
    decided_on = forms.DateField(label=_("Décidé le"), widget=DateInput)


class SituationForm(PlanForm):
    days = ("made_on",)
    themes = forms.MultipleChoiceField(
        label=_("Thèmes abordés avec la personne"), choices=lambda: choices("theme"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Un thème qui n'est pas coché reste inconnu : il n'est pas « sans difficulté »."),
    )  # fmt: skip
    barriers = forms.MultipleChoiceField(
        label=_("Parmi eux, ce qui freine aujourd'hui"), choices=lambda: choices("theme"), required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    said_by = forms.ChoiceField(label=_("Dit par"), choices=lambda: choices("said_by"), initial="worker")
    made_on = forms.DateField(label=_("Le"), widget=DateInput)


def _situations() -> list[tuple[Any, Any]]:
    themes = dict(choices("theme"))
    return [
        *NONE,
        *((themes[row.theme], list(row.situations.items())) for row in crosswalk().values() if row.situations),
    ]


class BarrierForm(PlanForm):
    days = ("identified_on",)
    theme = forms.ChoiceField(label=_("Thème"), choices=lambda: choices("theme"))
    words = forms.CharField(
        label=_("Avec quels mots (facultatif)"), max_length=300, required=False, widget=Words(rows=2)
    )
    situation = forms.ChoiceField(
        label=_("Situation (liste de France Travail, facultatif)"), choices=_situations, required=False
    )
    said_by = forms.ChoiceField(label=_("Dit par"), choices=lambda: choices("said_by"), initial="worker")
    identified_on = forms.DateField(label=_("Repéré le"), widget=DateInput)


class EngagementForm(PlanForm):
    days = ("proposed_on",)
    worker_commits = forms.CharField(label=_("Ce à quoi la personne s'engage"), widget=Words(rows=3))
    structure_commits = forms.CharField(label=_("Ce à quoi la structure s'engage"), widget=Words(rows=3))
    proposed_on = forms.DateField(label=_("Proposé le"), widget=DateInput)


class ReviewForm(PlanForm):
    days = ("held_on",)
    worker_present = forms.NullBooleanField(label=_("Avec la personne"), initial=True)
    worker_words = forms.CharField(
        label=_("Ce qu'en dit la personne (facultatif)"), required=False, widget=Words(rows=2)
    )
    summary = forms.CharField(
        label=_("Ce qui a avancé, ce qui change (facultatif)"), required=False, widget=Words(rows=3)
    )
    held_on = forms.DateField(label=_("Fait le"), widget=DateInput)
    signed_worker_on = forms.DateField(label=_("Signé par la personne le"), widget=DateInput, required=False)
    next_on = forms.DateField(
        label=_("Prochain bilan"), widget=DateInput, required=False, help_text=_("Vide : dans trois mois.")
    )


class WishForm(PlanForm):
    days = ("stated_on",)
    weekly_hours = forms.DecimalField(
        label=_("Heures souhaitées par semaine"), min_value=1, max_value=48, max_digits=4, decimal_places=2,
        help_text=_("Ce que dit la personne, pas ce qu'on devine."),
    )  # fmt: skip
    available = forms.NullBooleanField(label=_("Disponible sous deux semaines"))
    held_back_by = forms.ChoiceField(
        label=_("Ce qui empêche de travailler plus"),
        choices=lambda: [*NONE, *choices("hours_obstacle")],
        required=False,
    )
    stated_on = forms.DateField(label=_("Dit le"), widget=DateInput)


class CivicForm(PlanForm):
    days = ("asked_on",)
    answer = forms.ChoiceField(label=_("Réponse de la personne"), choices=lambda: choices("civic_answer"))
    kind = forms.ChoiceField(
        label=_("Action citoyenne"), choices=lambda: [*NONE, *choices("civic_action_kind")], required=False,
        help_text=_("Rien d'autre n'est noté : ni le nom, ni l'opinion, ni la cause."),
    )  # fmt: skip
    acted_on = forms.DateField(label=_("Menée le"), widget=DateInput, required=False)
    asked_on = forms.DateField(label=_("Demandé le"), widget=DateInput)


class VoterForm(PlanForm):
    days = ("offered_on",)
    help = forms.ChoiceField(
        label=_("Aide à l'inscription sur les listes électorales"), choices=lambda: choices("voter_help"),
        help_text=_("Ni l'inscription, ni le vote, ni la raison d'un refus ne sont notés."),
    )  # fmt: skip
    offered_on = forms.DateField(label=_("Le"), widget=DateInput)


class MemberForm(PlanForm):
    days = ("started_on",)
    started_on = forms.DateField(label=_("Membre de l'association de la structure depuis le"), widget=DateInput)


class UnmetForm(PlanForm):
    days = ("noted_on",)
    theme = forms.ChoiceField(label=_("Thème"), choices=lambda: choices("theme"))
    reason = forms.ChoiceField(label=_("Pourquoi"), choices=lambda: choices("unmet_reason"))
    noted_on = forms.DateField(label=_("Constaté le"), widget=DateInput)


class AnswerForm(BootstrapMixin, forms.Form):
    """The result of a call after an exit, when one click is not enough."""

    situation = forms.ChoiceField(
        label=_("Situation ce jour-là"),
        choices=lambda: [*UNKNOWN, *((c, t) for c, t in choices("exit_outcome") if c != "withdrawn")],
    )
    since = forms.DateField(label=_("Depuis le (facultatif)"), widget=DateInput, required=False)
    contract_months = forms.DecimalField(
        label=_("Durée du contrat, en mois (facultatif)"), required=False, min_value=0, max_digits=5, decimal_places=2
    )
    said_by = forms.ChoiceField(label=_("Dit par"), choices=lambda: choices("said_by"), initial="worker")
