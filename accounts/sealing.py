"""Secrets kept sealed in the database: the first secret of SEALING_SECRETS seals, all of them open (rotation)."""

import base64
import hashlib
from functools import lru_cache

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


@lru_cache(maxsize=4)
def _seals(secrets: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(base64.urlsafe_b64encode(hashlib.sha256(s.encode()).digest())) for s in secrets])


def seal(text: str) -> str:
    return _seals(tuple(settings.SEALING_SECRETS)).encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """The text. Raises cryptography.fernet.InvalidToken when no known secret opens it."""
    return _seals(tuple(settings.SEALING_SECRETS)).decrypt(sealed.encode()).decode()
