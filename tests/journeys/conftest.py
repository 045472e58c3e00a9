"""One Chromium for the whole folder, and a site to visit as a role of a structure."""

import os

import pytest
from playwright.sync_api import sync_playwright

from tests.factories import user_with
from tests.journeys.browser import FLAGS, SIZES, chromium, sign_in

PASSWORD = "une phrase assez longue"


@pytest.fixture(scope="package")
def browser():
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright keeps an event loop running in this thread
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def visit(browser, live_server):
    """Opens the site as a role of a structure, at a size."""
    contexts = []

    def open_as(role, structure, size="desktop", **options):
        user = user_with(role, structure)
        user.set_password(PASSWORD)
        user.save()
        width, height = SIZES[size]
        context = browser.new_context(
            viewport={"width": width, "height": height}, locale="fr-FR", reduced_motion="reduce", **options
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        sign_in(page, live_server.url, user.email, PASSWORD)
        return page

    yield open_as
    for context in contexts:
        context.close()
