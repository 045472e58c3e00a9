"""Verbs on papers: look at one, issue it, adapt its texts. Each is one transaction and says who acts."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from accounts.models import Organisation, User
from audit.saving import saved
from contracts.models import Contract
from documents import press
from documents.models import LETTERHEAD, Paper, Wording
from documents.papers import PaperKind, Text, letterhead, sections_of, texts_of
from parcours.models import Worker


@dataclass(frozen=True)
class Draft:
    """A paper ready to press: its facts, and which versions of the structure's texts they hold."""

    worker: Worker
    contract: Contract | None
    title: str
    facts: dict[str, Any]
    wording: Wording | None
    letterhead: Wording | None


def worker_of(subject: Any) -> tuple[Worker, Contract | None]:
    """The person a paper speaks of, and the contract when it speaks of one."""
    if isinstance(subject, Worker):
        return subject, None
    contract = subject if isinstance(subject, Contract) else getattr(subject, "contract", None)
    if contract is not None:
        return contract.worker, contract
    holder = getattr(subject, "pathway", None) or getattr(subject, "pass_iae", None) or subject
    return holder.worker, None


def drafted(*, kind: PaperKind, subject: models.Model, today: date) -> Draft:
    """Everything a paper says, from the record of today. Raises ValidationError when the record does not allow it."""
    subject = kind.about._default_manager.select_related(*kind.related).get(pk=subject.pk)
    worker, contract = worker_of(subject)
    organisation = worker.organisation
    current = latest(organisation)
    wording, head = current.get(kind.code), current.get(LETTERHEAD)
    named = {"salarie": str(worker), "structure": organisation.name}
    told = dataclasses.asdict(kind.facts(subject, today))
    changed = wording.texts if wording else {}
    facts = {
        "title": f"{kind.label} — {worker}",
        "issued_on": today,
        "letterhead": letterhead.heading(organisation, head),
        "texts": {name: Text.filled(changed.get(name, text.standard), named) for name, text in kind.texts.items()},
        "hidden": sorted(wording.hidden) if wording else [],
        "paper": told,
    }
    return Draft(worker, contract, f"{kind.label} — {worker}", press.printable(facts), wording, head)


def previewed(*, kind: PaperKind, subject: models.Model, today: date) -> bytes:
    """The paper as it would be issued, marked as a preview. Writes nothing."""
    return press.pressed(kind.code, drafted(kind=kind, subject=subject, today=today).facts, preview=True)


def issue(*, by: User, kind: PaperKind, subject: models.Model, today: date) -> Paper:
    """Make the paper and keep it. Asked again for the same facts, the paper already issued comes back.

    Raises ValidationError when the record does not allow the paper yet.
    """
    draft = drafted(kind=kind, subject=subject, today=today)
    once = {
        "kind": kind.code,
        "subject_id": subject.pk,
        "facts_sha256": press.digest(press.canonical(draft.facts)),
        "press": press.fingerprint(),
    }
    if already := Paper.objects.filter(**once).first():
        return already
    content = press.pressed(kind.code, draft.facts)
    paper = Paper(
        **once,
        organisation=draft.worker.organisation,
        worker=draft.worker,
        contract=draft.contract,
        seen_by=kind.seen_with.value,
        title=draft.title[:250],
        issued_on=today,
        issued_by=by,
        facts=draft.facts,
        wording=draft.wording,
        letterhead=draft.letterhead,
        file_sha256=press.digest(content),
        size=len(content),
    )
    try:
        with transaction.atomic():
            paper.file.save(f"{kind.code}-{once['facts_sha256'][:16]}.pdf", ContentFile(content), save=False)
            paper.save()
    except IntegrityError:
        paper.file.storage.delete(str(paper.file.name))
        if lost := Paper.objects.filter(**once).first():
            return lost
        raise
    return paper


def content_of(paper: Paper) -> bytes:
    """The bytes that were issued. A file lost or altered is pressed again from the facts kept in the row.

    Raises ValidationError when neither the file nor the press of the time gives those bytes back.
    """
    try:
        with paper.file.storage.open(str(paper.file.name)) as file:
            content: bytes = file.read()
    except OSError:
        content = b""
    if press.digest(content) != paper.file_sha256:
        content = press.pressed(paper.kind, paper.facts)
        if press.digest(content) != paper.file_sha256:
            raise ValidationError(_("Le fichier de ce document est perdu : émettez-le de nouveau."), code="lost")
    return content


def latest(organisation: Organisation) -> dict[str, Wording]:
    """The current texts of a structure, by kind of paper (one query)."""
    rows = Wording.objects.filter(organisation=organisation).order_by("kind", "-version").distinct("kind")
    return {row.kind: row for row in rows}


@transaction.atomic
def adapt(
    *,
    by: User,
    organisation: Organisation,
    kind: str,
    texts: Mapping[str, str],
    hidden: Sequence[str] = (),
    version: int,
) -> Wording:
    """Give a kind of paper, or the letterhead, new texts; papers issued before keep theirs.

    `version` is the one the author read (0 for none): two people at once cannot undo each other silently. A text equal
    to the standard one, or empty, is the standard one. Raises ValidationError, field by field.
    """
    known, sections = texts_of(kind), sections_of(kind)
    wrong: dict[str, list[str]] = {}
    kept: dict[str, str] = {}
    for name, said in texts.items():
        try:
            if name not in known:
                raise ValidationError(_("Ce texte n'existe pas dans ce document."))
            clean = known[name].checked(said)
            if clean and clean != known[name].standard:
                kept[name] = clean
        except ValidationError as error:
            wrong[name] = error.messages
    if strangers := sorted(set(hidden) - set(sections)):
        wrong["hidden"] = [_("Cette rubrique ne se masque pas : %(name)s.") % {"name": name} for name in strangers]
    if wrong:
        raise ValidationError(wrong)
    row = latest(organisation).get(kind)
    if version != (row.version if row else 0):
        raise ValidationError(_("Ce modèle vient d'être modifié par quelqu'un d'autre : relisez-le."), code="stale")
    return saved(
        Wording(
            organisation=organisation,
            kind=kind,
            version=version + 1,
            texts=kept,
            hidden=sorted(set(hidden)),
            written_by=by,
        )
    )
