"""Pictures of the pages for docs/screenshots, from a running demonstration.

python -m tests.journeys.screenshots http://127.0.0.1:8000
"""

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from console.demo.world import PASSWORD
from tests.journeys.browser import FLAGS, SIZES, chromium, sign_in

FOLDER = Path(__file__).parents[2] / "docs/screenshots"
# who, page's name, what to open: an address or the text of a link on the page before
SHOTS = (
    ("conseillere@demo.example", "a-suivre", "/a-suivre/"),
    ("conseillere@demo.example", "salarie", "a[href^='/salaries/']:not([href$='/suivi/']):not([href='/salaries/'])"),
    ("conseillere@demo.example", "suivi", "a:has-text('Noter un suivi')"),
    ("rh@demo.example", "echeances", "/echeances/"),
    ("rh@demo.example", "decider", "a:has-text('Décider')"),
    ("rh@demo.example", "imports", "/imports/"),
    ("directrice@demo.example", "indicateurs", "/indicateurs/"),
    ("directrice@demo.example", "indicateur", "/indicateurs/SOR-01/"),
    ("directrice@demo.example", "plan", "/indicateurs/plan/"),
    ("directrice@demo.example", "experimentations", "/experimentations/"),
    ("directrice@demo.example", "organisation", "/organisation/"),
    ("analyste@demo.example", "federation", "/federation/"),
)


def take(address: str) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        for size, (width, height) in SIZES.items():
            who = ""
            for email, name, target in SHOTS:
                if email != who:
                    page = browser.new_context(viewport={"width": width, "height": height}, locale="fr-FR").new_page()
                    sign_in(page, address, email, PASSWORD)
                    who = email
                if target.startswith("/"):
                    page.goto(address + target)
                else:
                    page.locator(target).first.click()
                page.wait_for_load_state("networkidle")
                page.wait_for_timeout(300)  # the fragment asked for by a click
                page.screenshot(path=FOLDER / f"{name}-{size}.png")
        browser.close()


if __name__ == "__main__":
    take(sys.argv[1].rstrip("/"))
