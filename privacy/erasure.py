"""Erasing a person: every row about her, its history, its files, and what quotes her elsewhere in the structure.

Figures already computed or published stay as they are: they count her and name nobody. What is computed afterwards, even as
known at an earlier date, no longer counts her.
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import date, datetime
from uuid import UUID, uuid4

import pgtrigger
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Func, Q, TextField, Value
from django.db.models.functions import Cast, Coalesce
from django.utils.translation import gettext as _
from pghistory.models import Context

from accounts.models import User
from accounts.policies import Model, is_history
from contracts.imports import withdraw_contents
from contracts.models import Contract, ImportedFile
from documents.models import Export
from jobs.actions import enqueue, perform
from jobs.models import Job
from parcours.models import Pathway, Worker
from parcours.models.worker import PlainText
from privacy import reach, retention, tombstones
from privacy.models import Erasure
from releases.snapshot import drawing, forget_people

ERASE, FINISH = "privacy.erase", "privacy.finish_erasure"


def obstacles(worker: Worker, today: date) -> list[str]:
    """Why a person cannot be erased today."""
    found = []
    if Pathway.objects.filter(worker=worker, ended_on__isnull=True).exists():
        found.append(_("Son parcours est ouvert : enregistrez d'abord sa sortie."))
    ends = Coalesce("ended_on", "planned_end_on", Value(date.max))
    if Contract.objects.annotate(ends=ends).filter(worker=worker, ends__gte=today).exists():
        found.append(_("Un contrat court encore : enregistrez d'abord sa fin."))
    if keeping := retention.kept(worker, today):
        found.append(
            _("Son dossier est gardé jusqu'au %(day)s : %(reason)s.")
            % {"day": f"{keeping.until:%d/%m/%Y}", "reason": keeping.reason}
        )
    for rule, until in retention.obligations(worker, today):
        found.append(
            _("La loi fait garder « %(what)s » jusqu'au %(day)s (%(source)s).")
            % {"what": rule.label, "day": f"{until:%d/%m/%Y}", "source": rule.source}
        )
    if release := drawing(worker.organisation_id):
        found.append(
            _("La publication « %(release)s » compte sa structure : attendez qu'elle soit contrôlée.")
            % {"release": release}
        )
    return found


def ask_erasure(*, by: User, worker: Worker, ground: str, today: date) -> Job:
    """Have a person erased by a job, within minutes. Raises ValidationError when something stands in the way."""
    if said := obstacles(worker, today):
        raise ValidationError(said)
    asked = {"worker": worker.pk, "by": by.pk, "ground": ground, "day": today.isoformat()}
    return enqueue(ERASE, key=f"{ERASE}:{worker.pk}:{today}", arguments=asked)


@transaction.atomic
def erase(*, by: User | None, worker: Worker, ground: str, at: datetime, today: date) -> Erasure:
    """Erase a person for good. Files go once the rows are gone, by a job that a crash only delays.

    Raises ValidationError when something stands in the way, a release under way that counts her included.
    """
    locked = Worker.objects.select_for_update().filter(pk=worker.pk).first()
    if locked is None:
        raise ValidationError(_("Cette personne est déjà effacée."))
    if said := obstacles(locked, today):
        raise ValidationError(said)
    erasure = Erasure(
        organisation_id=locked.organisation_id,
        mark=tombstones.marks(locked.pk, locked.created_at)[0],
        ground=ground,
        erased_at=at,
        erased_by=by,
    )
    erasure.save(force_insert=True)
    _remove(locked, erasure)
    return erasure


def erase_again() -> int:
    """Erase those whom a backup brought back; how many. Twice does nothing more. Whoever a release under way still counts is
    left for another time: the night asks again."""
    erased = 0
    for worker_id, erasure in tombstones.come_back().items():
        with suppress(ValidationError), transaction.atomic():
            _remove(Worker.objects.select_for_update().get(pk=worker_id), erasure)
            erased += 1
    return erased


def _remove(worker: Worker, erasure: Erasure) -> None:
    rows = reach.rows_of([worker.pk])
    files = reach.files_of(rows) | withdraw_contents(worker.organisation)
    forget_people(worker.organisation_id, [worker.pk])
    _unquote(worker)
    contexts: set[UUID] = set()
    with pgtrigger.ignore():  # papers protect themselves, and history would write this down
        for model in reversed(list(reach.ties())):
            contexts |= _delete(model, rows)
    _delete_contexts(contexts)
    job = enqueue(
        FINISH,
        key=f"{FINISH}:{erasure.mark}:{uuid4()}",
        arguments={"erasure": erasure.pk, "files": sorted(files)},
    )
    transaction.on_commit(lambda: perform(job.pk), robust=True)


def _delete(model: Model, rows: Mapping[Model, set[int]]) -> set[UUID]:
    """Delete the rows of a table and their history. Returns the contexts that their history referred to."""
    contexts: set[UUID] = set()
    if history := reach.history_of(model):
        told = history._base_manager.filter(Q(pgh_obj_id__in=rows[model]) | reach.through(model, rows))
        contexts = set(told.values_list("pgh_context_id", flat=True)) - {None}
        told._raw_delete(told.db)
    gone = model._base_manager.filter(pk__in=rows[model])
    gone._raw_delete(gone.db)
    return contexts


def _delete_contexts(contexts: set[UUID]) -> None:
    """Delete the reasons and addresses that no history refers to any more."""
    for model in apps.get_models():
        if contexts and is_history(model):
            contexts -= set(
                model._base_manager.filter(pgh_context__in=contexts).values_list("pgh_context_id", flat=True)
            )
    Context.objects.filter(pk__in=contexts).delete()


def _unquote(worker: Worker) -> None:
    """What names her in rows that are not hers: words searched for in an export, the name of a file, what a job said."""
    words = {w for w in (worker.first_name, worker.last_name, worker.email, worker.phone, worker.reference) if w}
    named = Q()
    for word in words:
        named |= Q(said__contains=PlainText(Value(word)))
    exports = Export.objects.filter(organisation=worker.organisation_id)
    exports.annotate(said=PlainText(Cast("filters", TextField()))).filter(named).update(filters={})
    imported = ImportedFile.objects.filter(organisation=worker.organisation_id)
    imported.annotate(said=PlainText("name")).filter(named).update(name=_("Fichier retiré"))
    Job.objects.annotate(said=PlainText("error")).filter(named).update(
        error=Func("error", Value(":"), 1, function="split_part")
    )
