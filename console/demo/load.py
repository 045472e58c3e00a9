"""Writes the demonstration, month after month: rows learnt in a month are recorded as learnt at its end.

One transaction: an interrupted load leaves nothing. Loaded once; later runs change no row.
"""

from collections import defaultdict
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random

import yaml
from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.db.models import Model

from accounts.models import Commune, Membership, Organisation, User
from accounts.reference import load_territory
from accounts.roles import Role
from audit.history import because, recorded_at
from console.demo import contract_life, plans
from console.demo.aims import aim
from console.demo.asking import ask
from console.demo.awards import give_badges
from console.demo.day import tell_days
from console.demo.lives import Life
from console.demo.nights import live_month
from console.demo.papers import write_papers, write_preferences
from console.demo.releases import publish_releases
from console.demo.story import PARIS, Setting, Story
from console.demo.world import FEDERATION, GROUP, PASSWORD, PEOPLE, STRUCTURES, siret
from contracts.models import Amendment, Assignment, Contract, Decision, Suspension, WorkedMonth
from law.dates import last_day
from parcours.models import Exit, FollowUp, PassIAE, Pathway, Worker
from rights import night
from rights.models import Circumstance
from skills.models import Assessment, Certificate, Framework, Qualification, Skill, Training, TrainingSession

# A row is written after the rows it points to.
ORDER: tuple[type[Model], ...] = (
    Worker, Pathway, PassIAE, Contract, Amendment, Suspension, Assignment, WorkedMonth, Decision, FollowUp, Training,
    TrainingSession, Assessment, Certificate, Qualification, Circumstance, Exit, *plans.ORDER,
)  # fmt: skip


class NotADemonstration(Exception):
    """The base holds real organisations: nothing is written."""


def loaded() -> bool:
    """Whether the demonstration is already there. Raises NotADemonstration when the base holds something else."""
    if Organisation.objects.filter(nature="federation", name=FEDERATION).exists():
        return True
    if Organisation.objects.exists():
        raise NotADemonstration(
            "La base contient déjà des organisations : la démonstration ne se charge que dans une base vide."
        )
    return False


@transaction.atomic
def load(*, seed: int, today: date, structures: int, workers: int, say: Callable[[str], None]) -> dict[str, int]:
    """Write everything; returns the count of rows by model. `today` ends the story."""
    random = Random(seed)  # noqa: S311 - invented lives, not secrets
    with because("démonstration"):
        load_territory()
        settings = _organisations(random, structures)
        say(f"{len(settings)} structures, {sum(len(s.counsellors) for s in settings)} conseillers")
        story = Story(today)
        lives = []
        for number in range(workers):
            setting = settings[number % len(settings)]
            entry = today - timedelta(days=random.randrange(4, 3 * 365))
            lives.append(Life(random, story, setting, number, entry))
            lives[-1].live()
        plans.tell(Random(seed + 1), story, lives)  # noqa: S311 - the same
        say(f"{workers} parcours imaginés")
        counts = _write(story, say)
        tell_days(random, settings, today)
        say(f"{contract_life.enrich(today)} faits de la vie des contrats")
        issued = write_papers(structures=[setting.organisation for setting in settings], today=today)
        write_preferences()
        say(f"{issued} documents émis")
        if released := _releases(today):
            say(f"{released} publications de la fédération")
    say(f"{ask([setting.organisation for setting in settings], today)} demandes et accords")  # each by who writes it
    return counts


def _releases(today: date) -> int:
    """What the federation reads, when the demonstration has its analyst and its publisher."""
    by_role = {role: User.objects.filter(email=email).first() for email, _f, _l, role, _where in PEOPLE}
    analyst, publisher = by_role[Role.ANALYST], by_role[Role.PUBLISHER]
    if analyst is None or publisher is None:
        return 0
    federation = Organisation.objects.get(name=FEDERATION)
    return publish_releases(federation=federation, analyst=analyst, publisher=publisher, today=today)


def _organisations(random: Random, count: int) -> list[Setting]:
    federation = Organisation.objects.create(nature="federation", name=FEDERATION)
    group = Organisation.objects.create(nature="group", name=GROUP, federation=federation)
    by_name = {FEDERATION: federation, GROUP: group}
    communes = Commune.objects.in_bulk()
    skills = _skills()
    password = make_password(PASSWORD, salt="demonstration")
    settings = []
    for number, seed in enumerate(STRUCTURES[:count]):
        structure = Organisation.objects.create(
            kind=seed.kind,
            name=seed.name,
            siret=siret(number + 1),
            commune=communes[seed.commune],
            group=group if seed.in_group else None,
            federation=federation,
        )
        by_name[seed.name] = structure
        counsellors = [
            User.objects.create(
                email=f"conseiller{number * 2 + n + 1}@demo.example",
                first_name=random.choice(("Maud", "Karim", "Lucie", "Erwan", "Nora", "Paul")),
                last_name=random.choice(("Rivoal", "Mahé", "Lopes", "Caron", "Blin", "Ferrand")),
                password=password,
            )
            for n in range(1 if number == 0 else 2)
        ]
        Membership.objects.bulk_create(
            Membership(user=user, organisation=structure, role="counsellor", started_on=date(2020, 1, 1))
            for user in counsellors
        )
        settings.append(Setting(structure, counsellors, skills))
    for email, first, last, role, where in PEOPLE:
        if where in by_name:
            user = User.objects.create(email=email, first_name=first, last_name=last, password=password)
            Membership.objects.create(user=user, organisation=by_name[where], role=role, started_on=date(2020, 1, 1))
            if role == "counsellor":
                settings[0].counsellors.insert(0, user)
    return settings


def _skills() -> list[Skill]:
    entries = yaml.safe_load((Path(__file__).parents[2] / "skills/rome_sample.yaml").read_text(encoding="utf-8"))
    framework, _new = Framework.objects.get_or_create(
        code="ROME",
        version="60 (extrait)",
        organisation=None,
        defaults={"name": "ROME 4.0", "source": "France Travail – ROME 4.0 v60, Licence Ouverte 2.0"},
    )
    return Skill.objects.bulk_create(
        Skill(framework=framework, kind=Skill.Kind.KNOW_HOW, code=entry["code"], label=entry["label"])
        for entry in entries["know_how"]
    )


def _write(story: Story, say: Callable[[str], None]) -> dict[str, int]:
    """Month by month: first what appeared, then what changed."""
    rows: dict[date, list[Model]] = defaultdict(list)
    changes: dict[date, list[tuple[Model, dict[str, object]]]] = defaultdict(list)
    for day, learnt in story.rows.items():
        rows[day.replace(day=1)] += learnt
    for day in sorted(story.changes):
        changes[day.replace(day=1)] += story.changes[day]
    counts: dict[str, int] = defaultdict(int)
    for month in sorted({*rows, *changes}):
        learnt_on = datetime.combine(min(last_day(month, 1), story.today), time(0, 30), PARIS)
        with recorded_at(learnt_on):
            for model in ORDER:
                mine = [row for row in rows[month] if type(row) is model]
                model._default_manager.bulk_create(mine, batch_size=1000)
                counts[str(model._meta.verbose_name_plural)] += len(mine)
            _apply(changes[month])
            live_month(min(last_day(month, 1), story.today))
    night.refresh(story.today)
    counts["badges remis"] = give_badges(story.today)
    counts["cibles et expérimentations"] = aim(story.today)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    say(f"{sum(counts.values())} faits écrits, mois par mois")
    return counts


def _apply(changes: list[tuple[Model, dict[str, object]]]) -> None:
    """Later changes of a month win; one UPDATE a model and set of fields."""
    merged: dict[tuple[type[Model], int], tuple[Model, set[str]]] = {}
    for row, fields in changes:
        for name, value in fields.items():
            setattr(row, name, value)
        kept = merged.setdefault((type(row), row.pk), (row, set()))
        kept[1].update(fields)
    grouped: dict[tuple[type[Model], tuple[str, ...]], list[Model]] = defaultdict(list)
    for (model, _pk), (row, changed) in merged.items():
        grouped[model, tuple(sorted(changed))].append(row)
    for (model, names), rows in sorted(grouped.items(), key=lambda item: (ORDER.index(item[0][0]), item[0][1])):
        model._default_manager.bulk_update(rows, names, batch_size=1000)
