"""Reading the matrix: the expected answer of a cell, and what is wrong with the answer it got."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction

from tests.trust.world import Address, Viewer, World, addresses

FILE = Path(__file__).with_name("matrix.yaml")
NOWHERE = {404, 405}


@cache
def lines() -> dict[str, dict[str, str]]:
    """The table: line → method → letters."""
    table = yaml.safe_load(FILE.read_text())
    return {name: {method: str(who) for method, who in line.items()} for name, line in table.items()}


@dataclass(frozen=True)
class Cell:
    address: Address
    method: str
    viewer: Viewer
    letters: str

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.address.name} — {self.viewer.name}"

    @property
    def answered(self) -> bool:
        """Whether the table says that this viewer gets an answer."""
        place, letter = self.viewer.place, self.viewer.letter
        if set(self.letters) & {"O", "K"}:
            return True
        if place in {"anonymous", "revoked", "expired"}:
            return False
        if "S" in self.letters:
            return True
        if "1" in self.letters and not (self.viewer.is_token and "T" in self.letters):
            return (place, letter, self.viewer.is_token) == ("own", "C", False)
        if "U" in self.letters and self.viewer.is_token:
            return False
        if place == "two roles":  # human resources in alpha, counsellor in bravo
            return bool(set("H" if self.address.of_alpha else letter) & set(self.letters))
        if place == "opening" and "X" in self.letters:
            return True
        if not letter or letter not in self.letters:
            return False
        return not self.address.of_alpha or place in {"own", "group", "opening"}


def is_api(address: Address) -> bool:
    return address.path.startswith("/api/")


def methods(address: Address) -> dict[str, str]:
    """Method → letters to try on an address. A page is tried with POST too: it may refuse, or give what a GET gives."""
    said = dict(lines()[address.name])
    return said if is_api(address) else {"post": said.get("get", ""), **said}


def cells(world: World, only: Any = None) -> Iterator[Cell]:
    for address in addresses(world.alpha):
        if address.name not in lines() or (only and not only(address)):
            continue
        for method, letters in methods(address).items():
            for viewer in world.viewers:
                cell = Cell(address, method, viewer, letters)
                if viewer.is_token and not is_api(address):
                    continue
                if "O" in letters and viewer.place != "anonymous" and viewer.name != "user C own":
                    continue  # what a stranger gets, all get
                if method not in lines()[address.name] and cell.answered:
                    continue  # a POST may give what a GET gives; it is tried on those whom the GET refuses
                yield cell


def ask(cell: Cell) -> tuple[int, str, str]:
    """Status, place it leads to, body. Whatever the view did is undone, signing out included."""
    client = cell.viewer.client
    kept = client.cookies.output(header="", sep=";")
    with transaction.atomic():
        answer: Any = getattr(client, cell.method)(cell.address.path, cell.address.data or None)
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        transaction.set_rollback(True)
    if client.cookies.output(header="", sep=";") != kept:
        client.cookies = SimpleCookie(kept)
    return answer.status_code, answer.headers.get("Location", ""), content.decode("utf-8", "replace")


def wrong(world: World, cell: Cell) -> str:
    """What is wrong with the answer to a cell; empty when it is the one the table says."""
    status, leads_to, body = ask(cell)
    place = cell.viewer.place
    if status >= 500:
        return f"{cell}: {status}"
    if cell.answered:
        if status in {401, 403, 404} or leads_to.startswith("/compte/login/"):
            free = cell.method == "post" and "post" not in lines()[cell.address.name]
            if not free and not cell.address.name.startswith(("account_", "mfa_")):  # a library's own steps
                return f"{cell}: {status} where an answer is due"
    elif place in {"anonymous", "revoked", "expired"}:
        to_sign_in = status == 302 and leads_to.startswith("/compte/login/")
        if not to_sign_in and status not in {401, *NOWHERE}:
            return f"{cell}: {status} for a stranger"
    elif status not in NOWHERE:
        return f"{cell}: {status} instead of 404"
    return leak(world, cell, body)


def leak(world: World, cell: Cell, body: str) -> str:
    """The mark of a structure that the viewer may not read, found in an answer."""
    if "K" in cell.letters:
        return ""
    home = {"own": {"alpha"}, "group": {"alpha", "charlie"}, "opening": {"alpha"}, "other": {"bravo"}, "sibling": {"charlie"},
            "two roles": {"alpha", "bravo"}}  # fmt: skip
    for name in ("alpha", "bravo", "charlie"):
        structure = getattr(world, name)
        if name not in home.get(cell.viewer.place, set()) and structure.mark in body:
            return f"{cell}: reads {name}"
        trusted = cell.viewer.letter == "C" or (cell.viewer.place == "two roles" and name == "bravo")
        if not trusted and structure.secret in body:
            return f"{cell}: reads what is kept for counsellors of {name}"
    return ""
