"""What a stranger may read of a badge, without signing in: the badge, its issuer, the key, and whether it still stands.

Nothing else: no name of a person, no list of badges, no count.
"""

from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts import walls
from accounts.access import load
from accounts.models import Organisation
from skills import awards, badges
from skills.models import Award, Badge, IssuerKey

VC_JWT = "application/vc+jwt"


@login_not_required
@never_cache
@require_safe
def verify(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The badge for people; its signed document for software that asks for it."""
    with walls.through(Award, uuid):
        award = load(Award.objects.select_related("badge__skill", "organisation", "key"), uuid=uuid)
    if request.accepts("text/html"):
        context = {"award": award, "genuine": awards.genuine(award)}
        return render(request, "web/badge_public.html", context)
    return HttpResponse(award.credential, content_type=VC_JWT)


@login_not_required
@require_safe
def document(request: HttpRequest, uuid: UUID) -> HttpResponse:
    with walls.through(Award, uuid):
        award = load(Award.objects.all(), uuid=uuid)
    answer = HttpResponse(award.credential, content_type=VC_JWT)
    answer["Content-Disposition"] = f'attachment; filename="badge-{uuid}.jwt"'
    return answer


@login_not_required
@require_safe
def key(request: HttpRequest, uuid: UUID) -> HttpResponse:
    with walls.through(IssuerKey, uuid):
        one = load(IssuerKey.objects.all(), uuid=uuid)
    return JsonResponse({**badges.public_jwk(one.public), "kid": awards.address("cles", one.uuid)})


@login_not_required
@never_cache
@require_safe
def status(request: HttpRequest, uuid: UUID) -> HttpResponse:
    with walls.through(IssuerKey, uuid):
        one = load(IssuerKey.objects.select_related("organisation"), uuid=uuid)
        return HttpResponse(awards.status_list(one), content_type=VC_JWT)


@login_not_required
@require_safe
def issuer(request: HttpRequest, organisation_id: int) -> HttpResponse:
    issuing = Organisation.objects.filter(issuer_keys__isnull=False).distinct()
    with walls.reaching(organisation_id):
        return JsonResponse(awards.profile(load(issuing, pk=organisation_id)))


@login_not_required
@require_safe
def model(request: HttpRequest, uuid: UUID) -> HttpResponse:
    with walls.through(Badge, uuid):
        return JsonResponse(awards.achievement(load(Badge.objects.select_related("skill__framework"), uuid=uuid)))
