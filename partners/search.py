"""Finding a service: by theme and place, nearest first when coordinates exist.

No official file gives the coordinates of a commune, so its place is the middle of what the directory locates in it: the
distance is as the crow flies, and said to be approximate.
"""

from dataclasses import dataclass

from django.contrib.postgres.fields import ArrayField
from django.db.models import Avg, Case, CharField, Exists, F, FloatField, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import ACos, Cast, Cos, Greatest, Least, Radians, Sin

from accounts.access import Principal, organisations
from accounts.models import Commune
from accounts.roles import Permission
from parcours.models.worker import PlainText
from partners.models import Partner, Service

EARTH_KM = 6371.0


@dataclass(frozen=True)
class Place:
    """A point, in degrees."""

    latitude: float
    longitude: float


def place_of(commune: Commune) -> Place | None:
    """The middle of the common directory's located services and partners in a commune, or None when there is none."""
    for rows in (Service.objects.filter(partner__organisation__isnull=True), Partner.objects.filter(organisation=None)):
        found = rows.filter(commune=commune, latitude__isnull=False).aggregate(
            latitude=Avg("latitude"), longitude=Avg("longitude")
        )
        if found["latitude"] is not None:
            return Place(**found)
    return None


def _kilometres(here: Place) -> object:
    """Great-circle distance by the law of cosines, null without coordinates; the cosine is held within [-1, 1]."""
    there, lat = Radians(F("latitude")), Radians(Value(here.latitude))
    cosine = Sin(lat) * Sin(there) + Cos(lat) * Cos(there) * Cos(
        Radians(F("longitude")) - Radians(Value(here.longitude))
    )
    bounded = Greatest(Least(cosine, Value(1.0)), Value(-1.0))
    return Case(When(latitude__isnull=False, then=ACos(bounded) * Value(EARTH_KM)), output_field=FloatField())


def services(
    principal: Principal,
    *,
    theme: str = "",
    departement: str = "",
    near: Commune | None = None,
    kind: str = "",
    text: str = "",
) -> QuerySet[Service]:
    """The services a principal knows of: common ones and her structures' own, which hide the common one they replace.

    Each row has `km`, null when either place is unknown. A service open to a whole département counts as in it.
    """
    own = organisations(principal, Permission.SEE_PEOPLE)
    replaced = Partner.objects.filter(organisation__in=own, source_id=OuterRef("partner__source_id"))
    rows = Service.objects.filter(Q(partner__organisation__isnull=True) | Q(partner__organisation__in=own)).exclude(
        Exists(replaced), partner__organisation__isnull=True
    )
    if theme:
        rows = rows.filter(themes__contains=[theme])
    if kind:
        rows = rows.filter(kind=kind)
    for word in text.split():
        rows = rows.filter(search_key__contains=PlainText(Value(word)))
    where = departement or (near.departement_id if near else "")
    if where:
        zones = Cast(Value([where, "france"]), ArrayField(CharField(max_length=9)))
        rows = rows.filter(Q(departement=where) | Q(zones__overlap=zones))
    here = place_of(near) if near else None
    km = _kilometres(here) if here else Value(None, FloatField())
    found: QuerySet[Service] = (
        rows.annotate(km=km).select_related("partner", "commune").order_by(F("km").asc(nulls_last=True), "name", "pk")
    )
    return found
