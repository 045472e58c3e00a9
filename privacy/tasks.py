"""The jobs of this app: the terms of the night and who is told of them, erasures, and files that no row names."""

from datetime import date
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.mail import EmailMessage
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.members import holders
from accounts.models import Organisation, User
from accounts.roles import Permission
from jobs.actions import enqueue_many
from jobs.registry import job
from parcours.models import Worker
from privacy import dues, leftovers, retention, tombstones, traces
from privacy.erasure import ERASE, FINISH, erase, erase_again
from privacy.models import Erasure, Term

TELL, TELL_REQUEST = "privacy.tell_terms", "privacy.tell_request"


@job("privacy.retain")
def retain(day: str, batch: str = "", **_schedule: Any) -> dict[str, Any]:
    """Note the files that reach their term, have the structures told, and have those whose grace is over erased; have those
    who must answer a person told; forget the traces whose time is past."""
    on = date.fromisoformat(day)
    again = erase_again()
    forgotten = traces.forget(on)
    new = retention.tell(on)
    where = Worker.objects.filter(pk__in=new).values_list("organisation_id", flat=True).distinct()
    told = [(f"{TELL}:{pk}:{day}", {"organisation": pk, "day": day}) for pk in where]
    over = Term.objects.filter(erase_on__lte=on).values_list("worker_id", flat=True)
    asked = {"by": 0, "ground": Erasure.Ground.TERM.value, "day": day}
    erased = [(f"{ERASE}:{pk}:{day}", {"worker": pk, **asked}) for pk in over]
    enqueue_many(TELL, told, batch=batch or f"privacy:{day}")
    asking = [(f"{TELL_REQUEST}:{key}", said) for key, said in dues.to_tell(on)]
    enqueue_many(TELL_REQUEST, asking, batch=batch or f"privacy:{day}")
    enqueue_many(ERASE, erased, batch=batch or f"privacy:{day}")
    return {"announced": len(new), "to_erase": len(erased), **forgotten, "erased_again": again}


@job(TELL)
def tell_terms(organisation: int, day: str) -> dict[str, Any]:
    """Write to those who decide that files reach their term: how many, nobody's name."""
    on = date.fromisoformat(day)
    structure = Organisation.objects.get(pk=organisation)
    files = Term.objects.filter(worker__organisation=structure).count()
    with override(settings.LANGUAGE_CODE):
        subject = _("Parcours : des dossiers arrivent au terme de leur conservation")
        text = _(
            "%(structure)s : %(n)s dossiers ne se gardent plus. Ils seront effacés à la date dite, sauf si vous décidez d'en "
            "garder un et dites pourquoi (un litige, par exemple)."
        ) % {"structure": structure.name, "n": files}
        return {
            "told": _write(
                structure, Permission.DECIDE_CONTRACTS, on, subject, f"{text}\n\n{settings.PUBLIC_URL}/donnees/"
            )
        }


@job(TELL_REQUEST)
def tell_request(organisation: int, due_on: str, day: str) -> dict[str, Any]:
    """Write to those who must answer a person that a request waits: until when, nobody's name."""
    structure, on, due = Organisation.objects.get(pk=organisation), date.fromisoformat(day), date.fromisoformat(due_on)
    with override(settings.LANGUAGE_CODE):
        subject = _("Parcours : une personne attend votre réponse sur ses données")
        said = {"structure": structure.name, "day": f"{due:%d/%m/%Y}"}
        text = _("%(structure)s : une demande attend sa réponse, due le %(day)s.") % said
        if due < on:
            text = (
                _("%(structure)s : une demande attend sa réponse, qui était due le %(day)s. Elle est en retard.") % said
            )
        page = f"{settings.PUBLIC_URL}/donnees/demandes/"
        return {"told": _write(structure, Permission.PROTECT_DATA, on, subject, f"{text}\n\n{page}")}


def _write(structure: Organisation, permission: Permission, on: date, subject: str, text: str) -> int:
    """Send a letter to each who holds a permission in a structure, through its group too; how many."""
    people = holders(structure, permission, on)
    for user in people:
        EmailMessage(subject, text, to=[user.email]).send()
    return len(people)


@job(ERASE)
def erase_person(worker: int, by: int, ground: str, day: str) -> dict[str, Any]:
    """Erase a person, unless something came in the way since it was asked: it is then asked again another night."""
    row = Worker.objects.filter(pk=worker).first()
    if row is None:
        return {"erased": 0}
    author = User.objects.filter(pk=by).first()
    try:
        erase(by=author, worker=row, ground=ground, at=timezone.now(), today=date.fromisoformat(day))
    except ValidationError:
        return {"erased": 0, "in_the_way": 1}
    return {"erased": 1}


@job("privacy.sweep")
def sweep(**_schedule: Any) -> dict[str, Any]:
    """Remove the files that no row names; what keeps from it is said, and asked again the next night."""
    try:
        files, size = leftovers.sweep(timezone.now().timestamp())
    except ValidationError as refusal:
        return {"files": 0, "refused": " ".join(refusal.messages)}
    return {"files": files, "bytes": size}


@job(FINISH)
def finish_erasure(erasure: int, files: list[str]) -> dict[str, Any]:
    """After the rows: the mark beside the database, then the files. Done again, it changes nothing."""
    tombstones.keep(Erasure.objects.get(pk=erasure))
    for name in files:
        default_storage.delete(name)
    return {"files": len(files)}
