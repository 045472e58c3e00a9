"""Badges of the demonstration: a few structures recognise a skill, give badges for it, and take one back."""

from datetime import date

from accounts.models import Organisation
from skills.awards import create_badge, give_badge, revoke_badge
from skills.models import Assessment

STRUCTURES, BADGES, EACH = 3, 2, 5


def give_badges(today: date) -> int:
    """Badges for skills validated on both sides, in the first structures; returns how many were given."""
    given = 0
    for structure in Organisation.objects.filter(nature="structure").order_by("id")[:STRUCTURES]:
        rows = Assessment.objects.filter(
            worker__organisation=structure, validated=True, worker_signed_on__isnull=False
        ).exclude(evidence="")
        seen = list(rows.select_related("skill__framework", "worker", "author").order_by("assessed_on", "id"))
        skills = list({row.skill_id: row.skill for row in seen}.values())[:BADGES]
        for skill in skills:
            mine = list({row.worker_id: row for row in seen if row.skill_id == skill.pk}.values())[:EACH]
            badge = create_badge(
                by=mine[0].author,
                organisation=structure,
                name=skill.label[:120],
                description="Fait seul, au travail, ce que dit la compétence.",
                criteria="Compétence vue en situation de travail par l'encadrant et par la personne, et signée des deux.",
                skill=skill,
            )
            awards = [
                give_badge(
                    by=row.author,
                    badge=badge,
                    worker=row.worker,
                    awarded_on=row.assessed_on,
                    today=today,
                    evidence=row.evidence,
                )
                for row in mine
            ]
            given += len(awards)
            if len(awards) > 2:
                revoke_badge(
                    by=mine[0].author, award=awards[-1], on=today, reason="Remis deux fois pour le même travail"
                )
    return given
