"""Every page with the keyboard alone: each thing one may act on is reached by Tab, in sight, and nothing holds one back."""

import pytest

from accounts.roles import Role
from tests.factories import FederationFactory
from tests.journeys.browser import chromium
from tests.web.objects import Objects
from tests.web.test_pages import OBJECTS, PAGES, addresses_of, life

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(chromium() is None, reason="NOT RUN: no Chromium on this machine (set CHROMIUM or install it)"),
]

# Notes each element that takes the focus, and whether one sees that it has it: an outline or a shadow, on the screen. A
# radio drawn as a button shows it on its label.
WATCH = """() => {
    window.taken = new Map();
    document.addEventListener('focusin', ({target}) => {
        const shown = target.matches('.btn-check') ? document.querySelector(`label[for="${target.id}"]`) : target;
        const style = getComputedStyle(shown), box = shown.getBoundingClientRect();
        const ringed = (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== 'none';
        window.taken.set(target, ringed && box.width > 0 && box.bottom > 0 && box.top < window.innerHeight);
    });
}"""
# What may be acted on: links, buttons and fields in sight; of radios that go together, the arrows reach the others.
ACTABLE = """[...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]')]
    .filter((e) => e.tabIndex >= 0 && !e.disabled && (e.matches('.btn-check') || e.checkVisibility()) && !e.closest('[hidden]')
        && !(e.closest('details:not([open])') && !e.matches('summary'))
        && !(e.type === 'radio' && document.querySelector(`[name="${e.name}"]:checked`) && !e.checked)
        && !(e.type === 'radio' && e !== document.querySelector(`[name="${e.name}"]`) && !e.checked))"""
STEPS = f"""() => {ACTABLE}.reduce((n, e) => n + (/date|time/.test(e.type) ? 7 : 1), 3)"""
MISSED = f"""() => ({{
    unreached: {ACTABLE}.filter((e) => !window.taken.has(e)).map((e) => e.outerHTML.slice(0, 140)),
    unseen: [...window.taken].filter(([e, seen]) => !seen && e.isConnected).map(([e]) => e.outerHTML.slice(0, 140)),
}})"""


def walked(page, address):
    """What Tab does not reach on a page, and what takes the focus unseen."""
    page.goto(address)
    page.evaluate(WATCH)
    for _step in range(page.evaluate(STEPS)):
        page.keyboard.press("Tab")
    return {what: found for what, found in page.evaluate(MISSED).items() if found}


def test_the_keyboard_alone_goes_through_every_page(visit, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    worker = life()
    page = visit(Role.DIRECTOR, worker.organisation)
    root = page.url.split("/a-suivre/")[0]
    objects = Objects(worker, worker.organisation.memberships.get().user)
    pages = [path for path, roles in PAGES.items() if Role.DIRECTOR in roles]
    about = [
        address for name, address in addresses_of(worker, objects=objects).items() if Role.DIRECTOR in OBJECTS[name]
    ]
    found = {address: walked(page, root + address) for address in [*pages, *about]}
    page.context.clear_cookies()
    for address in ("/compte/login/", "/mon-avis/", f"/badges/{objects['award_uuid']}/"):
        found[address] = walked(page, root + address)
    page = visit(Role.ANALYST, FederationFactory())
    found["/federation/"] = walked(page, root + "/federation/")

    assert {address: wrong for address, wrong in found.items() if wrong} == {}


def test_the_first_tab_offers_to_skip_the_menu_and_enter_goes_to_the_content(visit):
    page = visit(Role.COUNSELLOR, life().organisation)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent.trim()") == "Aller au contenu"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "contenu"
