"""What the database holds sealed, and the secrets that open it: the first of a list seals, all of them open (rotation).

- Texts about people, under TEXT_SECRETS: AES-256-GCM, tied to their column, `sealed1:<key>:<base64 of nonce and ciphertext>`.
  The key is named, so that a secret that is gone is told from a text that is damaged, and rows are counted by key in SQL.
- Secrets of authenticator apps, under SEALING_SECRETS, and signing keys of badges, under BADGE_SECRETS: Fernet.
"""

import base64
import hashlib
import os
from collections.abc import Sequence
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

MARK = "sealed1:"
NONCE = 12


class UnknownKey(Exception):
    """No known secret gives the key a text names."""


class Damaged(Exception):
    """A text that its own key does not open: altered, cut, or of another column."""


@lru_cache(maxsize=4)
def _keys(secrets: tuple[str, ...]) -> dict[str, AESGCM]:
    """The keys by name, the one that seals first. Name and key are drawn apart: the first tells nothing of the second."""
    drawn = [HKDF(SHA256(), 36, salt=None, info=b"parcours texts").derive(s.encode()) for s in secrets]
    return {material[32:].hex(): AESGCM(material[:32]) for material in drawn}


def text_keys() -> list[str]:
    """The names of the keys known, the one that seals first."""
    return list(_keys(tuple(settings.TEXT_SECRETS)))


def sealed_text(text: str, column: str) -> str:
    name, key = next(iter(_keys(tuple(settings.TEXT_SECRETS)).items()))
    nonce = os.urandom(NONCE)
    return f"{MARK}{name}:{base64.b64encode(nonce + key.encrypt(nonce, text.encode(), column.encode())).decode()}"


def key_of(sealed: str) -> str:
    """The name of the key that sealed a text."""
    return sealed.removeprefix(MARK).partition(":")[0]


def opened_text(sealed: str, column: str) -> str:
    """The text. Raises UnknownKey, Damaged."""
    key = _keys(tuple(settings.TEXT_SECRETS)).get(key_of(sealed))
    if key is None:
        raise UnknownKey(key_of(sealed))
    try:
        raw = base64.b64decode(sealed.removeprefix(MARK).partition(":")[2], validate=True)
        return key.decrypt(raw[:NONCE], raw[NONCE:], column.encode()).decode()
    except (InvalidTag, ValueError) as error:
        raise Damaged(column) from error


@lru_cache(maxsize=8)
def _seals(secrets: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(base64.urlsafe_b64encode(hashlib.sha256(s.encode()).digest())) for s in secrets])


def seals(secrets: Sequence[str]) -> MultiFernet:
    """What seals under the first secret and opens under all. It raises cryptography.fernet.InvalidToken when none opens."""
    return _seals(tuple(secrets))


def seal(text: str) -> str:
    return seals(settings.SEALING_SECRETS).encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """The text. Raises cryptography.fernet.InvalidToken when no known secret opens it."""
    return seals(settings.SEALING_SECRETS).decrypt(sealed.encode()).decode()
