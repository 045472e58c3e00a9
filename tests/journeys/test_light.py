"""Pages of every day serve before their scripts, and stay where they were read."""

import pytest
from playwright.sync_api import expect

from accounts.roles import Role
from contracts.flags import refresh
from tests.journeys.browser import SIZES, chromium
from tests.web.test_pages import TODAY, life

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(chromium() is None, reason="NOT RUN: no Chromium on this machine (set CHROMIUM or install it)"),
]
EVERY_DAY = (
    "/a-suivre/?qui=tous",
    "/salaries/",
    "/salaries/{w}/",
    "/suivi/",
    "/suivis/",
    "/agenda/",
    "/echeances/",
    "/contrats/",
)
SHIFTS = """new PerformanceObserver(list => {
    window.shifted = list.getEntries().reduce((sum, entry) => sum + entry.value, window.shifted || 0);
}).observe({type: "layout-shift", buffered: true});"""


def test_a_follow_up_is_logged_without_any_script(visit):
    worker = life()
    page = visit(Role.COUNSELLOR, worker.organisation, java_script_enabled=False)
    page.get_by_role("link", name="Toute la structure").click()
    page.get_by_role("link", name=str(worker), exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(str(worker))

    page.get_by_role("link", name="Noter un suivi").first.click()
    page.get_by_text("Échange téléphonique").click()
    page.get_by_text("15", exact=True).click()
    page.get_by_role("button", name="Enregistrer").click()

    expect(page.get_by_role("list").filter(has_text="Échange téléphonique")).to_be_visible()
    assert worker.pathways.get().follow_ups.filter(kind="telephone", minutes=15).count() == 1


@pytest.mark.parametrize("size", list(SIZES))
def test_nothing_moves_under_the_eyes_of_who_reads(visit, size):
    """Cumulative layout shift, as browsers measure it: under 0.1 is good."""
    worker = life()
    for _person in range(12):
        life(worker.organisation)
    refresh(TODAY)
    page = visit(Role.DIRECTOR, worker.organisation, size)
    page.add_init_script(SHIFTS)
    root = page.url.split("/a-suivre/")[0]
    shifted = {}
    for address in EVERY_DAY:
        page.goto(root + address.format(w=worker.pk), wait_until="networkidle")
        shifted[address] = page.evaluate("window.shifted || 0")
    assert {address: shift for address, shift in shifted.items() if shift >= 0.1} == {}
