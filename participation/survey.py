"""The survey of felt power to act: open a wave, hand out codes, answer without a name, read the results."""

import hashlib
import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from accounts.models import Organisation, User
from audit.saving import saved
from law import law_on
from law.dates import add_months
from law.nomenclature import choices
from parcours.models import Worker
from participation.models import SurveyAnswer, SurveyCode, SurveyWave

ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # no letter that is read as another
LENGTH = 10
LEAVERS_MONTHS = 3  # those out for so long are invited too (ENG-04: otherwise only those who stay speak)


def digest(code: str) -> str:
    """The hash of a code, spaces, hyphens and case ignored."""
    plain = "".join(character for character in code.upper() if character in ALPHABET)
    return hashlib.sha256(plain.encode()).hexdigest()


def invited(organisation: Organisation, day: date) -> Counter[str]:
    """How many people are invited on a day, by sex: in pathway, or out for three months at most."""
    rows = (
        Worker.objects.filter(
            Q(pathways__ended_on__isnull=True) | Q(pathways__ended_on__gte=add_months(day, -LEAVERS_MONTHS)),
            organisation=organisation,
            pathways__started_on__lte=day,
        )
        .values("sex")
        .annotate(people=Count("pk", distinct=True))
    )
    return Counter({row["sex"]: row["people"] for row in rows})


@transaction.atomic
def open_wave(*, by: User, organisation: Organisation, opened_on: date) -> tuple[SurveyWave, list[str]]:
    """Open a wave and make one code a person invited. The codes are returned once and kept only as hashes.

    A sex with too few people invited is not written on its codes: an answer could be hers. Raises ValidationError when
    a wave is already open or nobody is to be invited.
    """
    people = invited(organisation, opened_on)
    if not people:
        raise ValidationError(_("Personne n'est en parcours : l'enquête n'a personne à inviter."))
    wave = saved(SurveyWave(organisation=organisation, opened_on=opened_on, recorded_by=by))
    fewest = law_on(opened_on).whole("survey.shown_from")
    made = [
        ("".join(secrets.choice(ALPHABET) for _letter in range(LENGTH)), sex if count >= fewest else "")
        for sex, count in people.items()
        for _person in range(count)
    ]
    SurveyCode.objects.bulk_create(SurveyCode(wave=wave, digest=digest(code), sex=sex) for code, sex in made)
    codes = [code for code, _sex in made]
    secrets.SystemRandom().shuffle(codes)
    return wave, [f"{code[:5]}-{code[5:]}" for code in codes]


def close_wave(*, by: User, wave: SurveyWave, closed_on: date) -> SurveyWave:
    """End the wave: its answers are then known, and its codes no longer open anything."""
    wave.closed_on = closed_on
    return saved(wave)


def usable(code: str) -> SurveyCode | None:
    """The unused code of an open wave, or None."""
    rows = SurveyCode.objects.filter(digest=digest(code), used=False, wave__closed_on__isnull=True)
    return rows.select_related("wave").first()


@transaction.atomic
def answer(*, code: str, values: Mapping[str, int | None]) -> None:
    """Keep a person's answers (item → 1 to 5, or None when she prefers not to). The code is then used.

    Raises ValidationError when the code opens nothing, or an answer is none of those offered.
    """
    row = SurveyCode.objects.select_for_update().filter(
        digest=digest(code), used=False, wave__closed_on__isnull=True
    ).first()  # fmt: skip
    if row is None:
        raise ValidationError(_("Ce code a déjà servi, ou l'enquête est close. Demandez-en un autre à la structure."))
    items = [item for item, _label in choices("power_to_act_item")]
    if set(values) - set(items):
        raise ValidationError(_("Cette affirmation n'est pas de l'enquête."))
    for item in items:
        given = SurveyAnswer(wave_id=row.wave_id, item=item, value=values.get(item), sex=row.sex)
        saved(given)
    row.used = True
    row.save(update_fields=["used"])


@dataclass(frozen=True)
class ItemResult:
    """What a wave says of one item: how many answered, how many of them agreed (4 or 5), and the count of each value.

    `agreed` and `spread` are None below the number of answers from which they are shown.
    """

    label: str
    answered: int
    agreed: int | None
    spread: tuple[int, ...] | None


@dataclass(frozen=True)
class WaveResult:
    invited: int
    returned: int
    items: list[ItemResult]


def results(wave: SurveyWave) -> WaveResult:
    """What the structure may see of a closed wave: nothing of an item with few answers. Nothing at all while it is open."""
    codes = wave.codes.aggregate(invited=Count("pk"), returned=Count("pk", filter=Q(used=True)))
    if wave.closed_on is None:
        return WaveResult(codes["invited"], codes["returned"], [])
    fewest = law_on(wave.opened_on).whole("survey.shown_from")
    counts = Counter(wave.answers.filter(value__isnull=False).values_list("item", "value"))
    items = []
    for item, label in choices("power_to_act_item"):
        spread = tuple(counts[item, value] for value in range(1, 6))
        shown = sum(spread) >= fewest
        items.append(ItemResult(label, sum(spread), sum(spread[3:]) if shown else None, spread if shown else None))
    return WaveResult(codes["invited"], codes["returned"], items)
