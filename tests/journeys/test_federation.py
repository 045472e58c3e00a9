"""A release in a browser: prepared by one person, approved by another, read, downloaded, and its report opened."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import Membership
from accounts.roles import Role
from indicators.periods import civil_years
from jobs.models import Job
from releases import reading, snapshot, tasks
from releases.models import Release
from tests.journeys.browser import SIZES, chromium
from tests.journeys.test_journeys import seen
from tests.releases.world import small_world

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(chromium() is None, reason="NOT RUN: no Chromium on this machine (set CHROMIUM or install it)"),
]


@pytest.fixture
def world(settings, monkeypatch):
    """The attack by linear programming has its own tests; here the other checks are run."""
    from releases import auditing

    settings.RELEASE_SECRETS_FILE = "/nonexistent"
    settings.RELEASE_SECRETS = [f"{year}:{year:064x}" for year in range(2020, timezone.localdate().year + 1)]
    monkeypatch.setattr(auditing, "CHECKS", tuple(one for one in auditing.CHECKS if one is not auditing.bounds))
    return small_world()


def worked(world, release):
    """What the workers do once a release is asked for."""
    with transaction.atomic():
        tasks.begin(release=release.pk)
    snapshot.write(release, world.rows())
    Job.objects.filter(batch=release.batch).update(done_at=timezone.now())
    for step in (tasks.freeze, tasks.protect, tasks.audit):
        with transaction.atomic():
            step(release=release.pk)


def test_a_release_is_prepared_by_one_approved_by_another_then_read_and_taken_away(visit, world):
    year = civil_years(timezone.localdate())[-1].end.year
    analyst = visit(Role.ANALYST, world.federation)
    root = analyst.url.split("/federation/")[0]
    analyst.get_by_role("link", name="Préparer une publication").click()
    analyst.get_by_label("Période").select_option(str(year))
    analyst.get_by_role("button", name="Enregistrer").click()
    expect(analyst.get_by_role("status").first).to_contain_text("travaux faits sur 1 demandés")

    release = Release.objects.get()
    worked(world, release)
    expect(analyst.get_by_text("Tout tient : la publication peut être approuvée.")).to_be_visible(timeout=15_000)
    expect(analyst.get_by_role("button", name="Approuver")).to_have_count(0)
    expect(analyst.get_by_text("revient à un responsable des publications")).to_be_visible()

    # Even a publisher, when she is the one who prepared it.
    preparer = Membership.objects.get(user=release.prepared_by)
    preparer.role = Role.PUBLISHER
    preparer.save()
    analyst.reload()
    expect(analyst.get_by_text("Vous avez préparé cette publication")).to_be_visible()
    expect(analyst.get_by_role("button", name="Approuver")).to_have_count(0)

    publisher = visit(Role.PUBLISHER, world.federation)
    publisher.goto(f"{root}/federation/")
    publisher.get_by_role("link", name=f"{year}, révision 1").click()
    publisher.get_by_role("button", name="Approuver").click()
    publisher.get_by_role("button", name="Publier").click()
    expect(publisher.get_by_role("listitem").filter(has_text="Publiée")).to_have_attribute("aria-current", "step")

    reader = visit(Role.ANALYST, world.federation)
    reader.goto(f"{root}/federation/")
    reader.get_by_role("link", name=f"Lire {year}").first.click()
    reader.get_by_role("link", name="Personnes sous contrat sécurisant").click()
    tile = reader.locator("svg.tiles a").first
    tile.focus()
    reader.keyboard.press("Enter")
    expect(reader.get_by_role("heading", level=2).filter(has_text="Département — ")).to_be_visible()
    edition = reading.latest(world.federation.pk)
    report = reader.request.get(f"{root}/federation/observatoire/{year}/")
    with reader.expect_download() as taken:
        reader.get_by_role("link", name="Parquet").click()
    assert taken.value.suggested_filename.endswith(".parquet")
    assert (report.status, report.body()[:4]) == (200, b"%PDF")

    found = {}
    for size, (width, height) in {**SIZES, "narrow desktop": (1280, 900)}.items():
        publisher.set_viewport_size({"width": width, "height": height})
        for page in ("", f"publications/{release.pk}/", f"publications/{release.pk}/retirer/", f"editions/{edition.id}/",
                     f"editions/{edition.id}/plan/", f"editions/{edition.id}/tableaux/SORTIES/",
                     f"editions/{edition.id}/tableaux/SEC-01/?par=structure"):  # fmt: skip
            at = {}
            seen(publisher, f"{root}/federation/{page}", at)
            found |= {f"{address} {size}": what for address, what in at.items()}
    director = visit(Role.DIRECTOR, world.structures[0], "phone")
    seen(director, f"{root}/reperes/", found)
    assert found == {}
    assert Axe().run(director).violations_count == 0
