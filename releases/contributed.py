"""What members contributed, merged into the snapshot of a release."""

from collections.abc import Sequence

from accounts.models import Organisation
from disclosure.keys import blinded
from releases.facts import Row
from releases.models import Contribution, Release
from releases.secrets import secret_of


def chosen(release: Release) -> list[Contribution]:
    """The last contribution of each member known at the release's K, for its very period and catalogue; its people are read
    when asked for."""
    found = Contribution.objects.filter(
        organisation__in=Organisation.objects.affiliates_of(release.federation_id),
        period_start=release.period_start,
        period_end=release.period_end,
        catalogue=release.catalogue,
        received_at__lte=release.known_at,
    )
    return list(found.order_by("organisation_id", "-sequence").distinct("organisation_id").defer("people"))


def rows_of(release: Release, organisation_ids: Sequence[int]) -> tuple[set[int], list[Row]]:
    """(the structures among these that a member contributed, their people). What was contributed replaces what is here: no
    one is counted twice. Records are blinded again, so that a member's keys mean nothing in the snapshot."""
    asked, told, rows = set(organisation_ids), set[int](), list[Row]()
    key = secret_of(release.period_end.year, release.key_id).of_people()
    for contribution in chosen(release):
        mine = asked & set(contribution.structures) - told
        if not mine:
            continue
        told |= mine
        rows += [
            (blinded(key, f"{contribution.organisation_id}|{record}"), structure, sex, age, level, values)
            for record, structure, sex, age, level, values in contribution.people
            if structure in mine
        ]
    return told, rows
