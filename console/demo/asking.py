"""What people ask about their data and agree to: one of each standing, in the first structures."""

from collections.abc import Sequence
from datetime import date, timedelta

from accounts.models import Organisation, User
from accounts.roles import Role
from audit.history import because
from parcours.actions import correct_worker
from parcours.models import Worker
from partners.models import Orientation
from privacy import consents, requests

# (kind, part, words, what it should say, days ago)
ASKED = (
    ("access", "", "Je voudrais tout ce que vous avez écrit sur moi.", "", 6),
    ("rectification", "identity", "Ce n'est plus mon numéro.", "06 39 98 12 34", 12),
    (
        "rectification",
        "plan",
        "Je n'ai jamais dit que je cherchais un travail de bureau.",
        "Je veux travailler dehors.",
        50,
    ),
    ("portability", "", "J'aimerais donner mes formations à mon prochain employeur.", "", 27),
    ("objection", "", "Je ne veux plus être sur les photos de l'atelier.", "", 41),
)


def ask(structures: Sequence[Organisation], today: date) -> int:
    """Write requests and agreements in the structures that have people enough; how many."""
    written = 0
    for structure in structures[:3]:
        counsellors = User.objects.filter(memberships__organisation=structure, memberships__role=Role.COUNSELLOR)
        if by := counsellors.order_by("pk").first():
            with because("", user=by.pk):
                written += _ask(structure, by, today)
    return written


def _ask(structure: Organisation, by: User, today: date) -> int:
    workers = list(
        Worker.objects.filter(organisation=structure, pathways__ended_on=None).distinct().order_by("pk")[:12]
    )
    if len(workers) < len(ASKED):
        return 0
    made = []
    for worker, (kind, part, own, wanted, ago) in zip(workers, ASKED, strict=False):
        said = {"channel": "mail" if ago % 2 else "visit", "words": own, "part": part, "wanted": wanted}
        day = today - timedelta(days=ago)
        made.append(requests.receive(by=by, worker=worker, kind=kind, received_on=day, today=today, **said))
    _access, phone, plan, _file, photos = made
    day = today - timedelta(days=9)
    requests.answer(
        by=by, request=phone, answer="granted", said="Votre numéro est corrigé.", answered_on=day, today=today
    )
    correct_worker(by=by, worker=phone.worker, phone="06 39 98 12 34")
    requests.note_done(by=by, request=phone, done_on=today, today=today, done="Numéro corrigé avec elle")
    words = "Cet objectif a été noté avec vous le jour du bilan. Vos mots sont à côté."
    requests.answer(by=by, request=plan, answer="refused", ground="exact", said=words, answered_on=day, today=today)
    words = "Vous n'êtes plus photographié, et l'affiche de l'atelier est retirée."
    requests.answer(
        by=by, request=photos, answer="granted", said=words, answered_on=today - timedelta(days=5), today=today
    )
    return len(made) + _agree(by, workers, today)


def _agree(by: User, workers: Sequence[Worker], today: date) -> int:
    for number, worker in enumerate(workers):
        on = today - timedelta(days=20 + number)
        photo = consents.answer(
            by=by, worker=worker, purpose="photo", agreed=number % 3 > 0, said_on=on, how="paper", today=today
        )
        if number == 4:
            consents.withdraw(by=by, consent=photo, withdrawn_on=today, withdrawn_how="said", today=today)
        sent = Orientation.objects.filter(pathway__worker=worker).select_related("partner").first()
        if sent:
            consents.answer(
                by=by, worker=worker, purpose="transmission", partner=sent.partner, agreed=True, said_on=on, how="said",
                today=today,
            )  # fmt: skip
    return len(workers)
