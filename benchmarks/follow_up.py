"""The 20-second follow-up in a real browser: `python -m benchmarks.follow_up [workers]`.

Fills an empty base as benchmarks.life does, serves the site from a thread, and drives Chromium as a counsellor, at 390 px and
on a desk: interactions from an empty page without a text, milliseconds of the machine (no human between two clicks), and
queries of the form and of the save. Then cuts the network, and loses an answer: each must leave exactly one row.
"""

import os
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright keeps an event loop running in this thread
django.setup()

from django.core.servers.basehttp import ThreadedWSGIServer  # noqa: E402
from django.db import connection  # noqa: E402
from playwright.sync_api import Page, Route, expect, sync_playwright  # noqa: E402

from accounts.models import User  # noqa: E402
from benchmarks.life import PEOPLE, live  # noqa: E402
from benchmarks.results import asks  # noqa: E402
from config.wsgi import application  # noqa: E402
from parcours.models import FollowUp, Worker  # noqa: E402
from tests.journeys.browser import FLAGS, SIZES, chromium, sign_in  # noqa: E402

TIMES = 15
PASSWORD = "une phrase assez longue"
asked: list[tuple[str, str, int]] = []  # method, path, queries


def counted(environ: dict[str, Any], start: Any) -> Any:
    """The site, with the queries of each request written down."""
    count = 0

    def one(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        nonlocal count
        count += asks(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(one):
        answer = application(environ, start)
    asked.append((environ["REQUEST_METHOD"], environ["PATH_INFO"], count))
    return answer


class Quiet(WSGIRequestHandler):
    def log_message(self, *_said: Any) -> None:
        """Nothing: the figures are what is printed."""


@contextmanager
def served() -> Iterator[str]:
    server = ThreadedWSGIServer(("127.0.0.1", 0), Quiet)
    server.set_app(counted)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def queries(method: str, path: str) -> int:
    return max(count for m, p, count in asked if (m, p) == (method, path))


class Hand:
    """Acts on a page and counts what it does."""

    def __init__(self, page: Page) -> None:
        self.page, self.acts = page, 0

    def click(self, target: Any) -> None:
        self.acts += 1
        target.click()


def log_one(page: Page, root: str) -> tuple[int, float, float]:
    """One follow-up from an empty page: (interactions, ms until the form may be used, ms until the save is told)."""
    started = time.perf_counter()
    page.goto(f"{root}/suivi/")
    page.locator(".people label").first.wait_for()
    shown = time.perf_counter()
    hand = Hand(page)
    hand.click(page.locator(".people label").first)
    hand.click(page.get_by_text("Échange téléphonique"))
    hand.click(page.get_by_text("15", exact=True))
    sent = time.perf_counter()
    hand.click(page.get_by_role("button", name="Enregistrer"))
    expect(page.get_by_text("Suivi noté : Échange téléphonique")).to_be_visible()
    return hand.acts, (shown - started) * 1000, (time.perf_counter() - sent) * 1000


def cut(page: Page, root: str, text: str) -> int:
    """Rows left by a follow-up sent without network, once it is back."""
    page.goto(f"{root}/suivi/")
    page.locator(".people label").first.click()
    page.get_by_label("Note (facultatif)").fill(text)
    page.context.set_offline(True)
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text("Pas de connexion : votre saisie est gardée")).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_text("Suivi noté")).to_be_visible(timeout=30_000)
    return sum(f.note == text for f in FollowUp.objects.all())


def lose_answer(page: Page, root: str, text: str) -> int:
    """Rows left by a follow-up the server wrote and whose answer never came, sent again by the page."""
    lost: list[Any] = []

    def lose(route: Route) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch())
            route.abort()
        else:
            route.continue_()

    page.goto(f"{root}/suivi/")
    page.locator(".people label").first.click()
    page.get_by_label("Note (facultatif)").fill(text)
    page.route("**/suivi/", lose)
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text("Suivi noté")).to_be_visible(timeout=30_000)
    page.unroute("**/suivi/")
    return sum(f.note == text for f in FollowUp.objects.all())


def run(workers: int) -> None:
    live(workers)
    counsellor = User.objects.get(pk=1)
    counsellor.set_password(PASSWORD)
    counsellor.save()
    mine = Worker.objects.filter(counsellor=counsellor).count()
    print(
        f"{Worker.objects.count()} salariés dans la base, {mine} suivis par la conseillère (≈ {PEOPLE} par structure)"
    )
    with served() as root, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        for size, (width, height) in SIZES.items():
            context = browser.new_context(viewport={"width": width, "height": height}, locale="fr-FR")
            page = context.new_page()
            sign_in(page, root, counsellor.email, PASSWORD)
            log_one(page, root)  # the first one warms the site and the browser
            asked.clear()
            acts, shown, saved = zip(*(log_one(page, root) for _time in range(TIMES)), strict=True)
            wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
            print(
                f"{size:>8} {width} px | {max(acts)} gestes | formulaire {statistics.median(shown):4.0f} ms (pire {max(shown):4.0f}), "
                f"{queries('GET', '/suivi/')} requêtes | enregistrement {statistics.median(saved):4.0f} ms (pire {max(saved):4.0f}), "
                f"{queries('POST', '/suivi/')} requêtes | plus large que l'écran : {'oui' if wide else 'non'}"
            )
            offline, lost = cut(page, root, f"Coupure {size}"), lose_answer(page, root, f"Réponse perdue {size}")
            print(f"{'':>15} | sans réseau puis retour : {offline} ligne ; réponse perdue puis renvoi : {lost} ligne")
            context.close()
        browser.close()


if __name__ == "__main__":
    run(int((sys.argv[1:] or ["600"])[0]))
