"""Immersions (PMSMP): planned within the limits of the law, then told with their result (domain.md §2.5)."""

from datetime import date, timedelta
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.saving import saved
from contracts.models import Contract, Immersion
from law import law_on
from law.dates import add_months, last_day
from law.nomenclature import contract_kind
from law.parameters_at import Law
from parcours.models import Worker


@transaction.atomic
def plan_immersion(
    *, by: User, worker: Worker, started_on: date, ended_on: date, contract: Contract | None = None, **fields: object
) -> Immersion:
    """Keep a convention. Raises ValidationError with the article when a limit of the law is passed."""
    immersion = Immersion(worker=worker, contract=contract, started_on=started_on, ended_on=ended_on, **fields)
    if contract is not None and contract.worker_id != worker.pk:
        raise ValidationError({"contract": _("Ce contrat est celui d'une autre personne.")})
    immersion.full_clean()
    refuse_beyond_limits(immersion)
    return saved(immersion)


@transaction.atomic
def complete_immersion(
    *,
    by: User,
    immersion: Immersion,
    result: str,
    ended_on: date | None = None,
    hours: Decimal | None = None,
    assessment: str = "",
) -> Immersion:
    """Tell how it went; `ended_on` when it stopped earlier or, within the limits, later."""
    immersion.result, immersion.assessment = result, assessment
    immersion.hours = hours if hours is not None else immersion.hours
    if ended_on is not None and ended_on != immersion.ended_on:
        immersion.ended_on = ended_on
        immersion.full_clean()
        refuse_beyond_limits(immersion)
    return saved(immersion)


def cancel_immersion(*, by: User, immersion: Immersion, cancelled_on: date) -> Immersion:
    """Call it off; it is kept, and no longer counts in any limit."""
    immersion.cancelled_on = cancelled_on
    return saved(immersion)


def days(immersion: Immersion) -> int:
    return (immersion.ended_on - immersion.started_on).days + 1


def beyond_the_teleservice(immersion: Immersion) -> bool:
    """Whether it is lawful but longer than the State's teleservice takes (30 days; one month may be 31)."""
    return days(immersion) > law_on(immersion.started_on).whole("pmsmp.max_days.platform")


def refuse_beyond_limits(immersion: Immersion) -> None:
    """Raise ValidationError when the length, the renewal, the host or the share of the contract passes a limit."""
    law, start = law_on(immersion.started_on), immersion.started_on
    longest = last_day(start, law.whole("pmsmp.max_months.law"))
    if immersion.ended_on > longest:
        raise ValidationError(
            {
                "ended_on": _("Une immersion dure au plus un mois de date à date : jusqu'au %(day)s (D5135-3 CT).")
                % {"day": f"{longest:%d/%m/%Y}"}
            }
        )
    others = list(
        Immersion.objects.filter(worker=immersion.worker_id, cancelled_on__isnull=True).exclude(pk=immersion.pk)
    )
    if immersion.renews is not None:
        _renewal(immersion, immersion.renews)
    _same_host(immersion, others, law)
    _share_of_contract(immersion, others, law)


def _renewal(immersion: Immersion, former: Immersion) -> None:
    if former.worker_id != immersion.worker_id:
        raise ValidationError({"renews": _("Cette immersion est celle d'une autre personne.")})
    if former.renews_id is not None:
        raise ValidationError({"renews": _("Une immersion se renouvelle une seule fois (D5135-3 CT).")})
    if _host(former) != _host(immersion) or former.object != immersion.object:
        raise ValidationError(
            {"object": _("Un renouvellement garde l'accueil et l'objet de l'immersion (D5135-3 CT).")}
        )
    if days(immersion) > days(former):
        raise ValidationError(
            {
                "ended_on": _("Un renouvellement ne dure pas plus que l'immersion : %(n)s jours (D5135-3 CT).")
                % {"n": days(former)}
            }
        )


def _host(immersion: Immersion) -> str:
    return immersion.host_siret or immersion.host_name.strip().casefold()


def _same_host(immersion: Immersion, others: list[Immersion], law: Law) -> None:
    """Within twelve months in a row that hold the new one: two conventions, of different objects, and 60 days in all."""
    same = [one for one in others if _host(one) == _host(immersion)]
    if not same:
        return
    most_days = law.whole("pmsmp.max_days_same_host_12m")
    most = law.whole("pmsmp.max_conventions_same_host_12m")
    known = [*same, immersion]
    for first in sorted({one.started_on for one in known}):
        last = add_months(first, 12) - timedelta(days=1)
        held = [one for one in known if one.ended_on >= first and one.started_on <= last]
        if immersion not in held:
            continue
        total = sum((min(one.ended_on, last) - max(one.started_on, first)).days + 1 for one in held)
        if total > most_days:
            raise ValidationError(
                _("%(n)s jours chez cet accueil sur 12 mois : le plafond est de %(most)s jours (D5135-3 CT).")
                % {"n": total, "most": most_days}
            )
        fresh = [one for one in held if one.renews_id is None]
        if len(fresh) > most:
            raise ValidationError(_("Déjà %(n)s conventions chez cet accueil sur 12 mois (D5135-3 CT).") % {"n": most})
        if immersion.renews_id is None and len({one.object for one in fresh}) < len(fresh):
            raise ValidationError(
                {"object": _("Une seconde convention chez le même accueil a un autre objet (D5135-3 CT).")}
            )


def _share_of_contract(immersion: Immersion, others: list[Immersion], law: Law) -> None:
    """A quarter of the total duration of a CDDI or a PEC at most."""
    contract = immersion.contract
    kind = contract_kind(contract.kind) if contract else None
    if contract is None or kind is None or not (kind.cddi or kind.code == "CUI_CAE"):
        return
    end = contract.ended_on or contract.planned_end_on
    if end is None:
        return
    spent = sum(days(one) for one in others if one.contract_id == contract.pk) + days(immersion)
    most = int(((end - contract.started_on).days + 1) * law.amount("pmsmp.max_share_of_contract"))
    if spent > most:
        raise ValidationError(
            _(
                "%(n)s jours d'immersion : plus du quart du contrat (%(most)s jours ; D5132-10-3, D5132-26-3, D5132-43-3, D5134-50-2 CT)."
            )
            % {"n": spent, "most": most}
        )
