"""Letters to a person about her data: what she asked and what she is answered; what she is asked to agree to, to be signed.

They are pressed when asked for and kept nowhere: the request and the answer are the record.
"""

from datetime import date
from typing import Any

from documents import press
from documents.actions import latest
from documents.models import LETTERHEAD
from documents.papers import letterhead
from documents.papers.people import Person
from parcours.models import Worker
from partners.models import Partner
from privacy import catalogue
from privacy.consents import wording
from privacy.models import DataRequest


def _pressed(template: str, title: str, worker: Worker, today: date, paper: dict[str, Any]) -> bytes:
    facts = {
        "title": f"{title} — {worker}",
        "issued_on": today,
        "letterhead": letterhead.heading(worker.organisation, latest(worker.organisation).get(LETTERHEAD)),
        "texts": {},
        "hidden": [],
    }
    person = vars(Person.of(worker))
    return press.pressed(template, press.printable({**facts, "paper": {"title": title, "person": person, **paper}}))


def about_request(request: DataRequest, today: date) -> bytes:
    """The letter that says where a request stands: received, prolonged or answered. Raises ValidationError when a letter
    of it is in no font."""
    kind = catalogue.entries("kinds")[request.kind]
    ground = catalogue.entries("grounds").get(request.ground, {})
    stands = "answered" if request.answer else "extended" if request.extended_on else "received"
    title = {"received": "Nous avons reçu votre demande", "extended": "Nous avons besoin de plus de temps",
             "answered": "Réponse à votre demande"}[stands]  # fmt: skip
    return _pressed("data_request", title, request.worker, today, {
        "stands": stands, "asked": kind["label"], "article": kind["article"], "received_on": request.received_on,
        "words": request.words, "part": str(request.get_part_display()), "wanted": request.wanted, "due_on": request.due_on,
        "identity_checked_on": request.identity_checked_on, "reason": request.extension_reason, "answer": request.answer,
        "answered_on": request.answered_on, "late": request.days_late(today) if request.answer else 0, "said": request.said,
        "ground": ground.get("label", ""), "ground_article": ground.get("article", ""),
    })  # fmt: skip


def consent_form(worker: Worker, purpose: catalogue.Purpose, partner: Partner | None, today: date) -> bytes:
    """One page to sign or not: the exact words, a box for yes and one for no, none ticked."""
    return _pressed("consent", purpose.label, worker, today, {
        "words": wording(purpose, worker, today, partner), "version": purpose.on(today)["version"],
    })  # fmt: skip
