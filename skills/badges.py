"""Open Badges 3.0 (1EdTech) as W3C Verifiable Credentials 2.0, secured as compact JWS with EdDSA (VC-JWT, OB 3.0 §8.2).

The payload of the JWS is the credential itself. Whether a badge still stands is a bit in a Bitstring Status List that
the same key signs, so a stranger needs nothing but the key's public half, which the `kid` address gives.
A badge names no one: the holder is a random identifier, and her name only a salted hash that she may have checked.
"""

import base64
import gzip
import hashlib
import json
import secrets
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.fernet import MultiFernet
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings

from accounts.sealing import seals
from skills.models.badge import STATUS_LIST_SIZE

CONTEXT = ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"]
JSON = dict[str, Any]


class NotGenuine(ValueError):
    """A document whose signature does not hold."""


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _seals() -> MultiFernet:
    """What seals private keys: the first secret seals, the others still open what they sealed (rotation)."""
    return seals(settings.BADGE_SECRETS)


def new_key_pair() -> tuple[str, str]:
    """(public half, sealed private half) of a new Ed25519 key."""
    private = Ed25519PrivateKey.generate()
    return _encode(private.public_key().public_bytes_raw()), _seals().encrypt(private.private_bytes_raw()).decode()


def public_jwk(public: str) -> JSON:
    """The public half as a JSON Web Key (RFC 8037)."""
    return {"kty": "OKP", "crv": "Ed25519", "x": public, "alg": "EdDSA", "use": "sig"}


def sign(payload: Mapping[str, Any], *, sealed: str, kid: str) -> str:
    """A compact JWS of the payload. Raises InvalidToken when the private key cannot be opened."""
    private = Ed25519PrivateKey.from_private_bytes(_seals().decrypt(sealed.encode()))
    header = {"alg": "EdDSA", "typ": "vc+jwt", "kid": kid}
    body = ".".join(_encode(json.dumps(part, separators=(",", ":")).encode()) for part in (header, payload))
    return f"{body}.{_encode(private.sign(body.encode()))}"


def opened(token: str, public: str) -> JSON:
    """The payload of a JWS whose signature holds. Raises NotGenuine."""
    try:
        body, _dot, signature = token.rpartition(".")
        Ed25519PublicKey.from_public_bytes(_decode(public)).verify(_decode(signature), body.encode())
        payload: JSON = json.loads(_decode(body.split(".")[1]))
    except (InvalidSignature, ValueError, IndexError) as error:
        raise NotGenuine("La signature ne correspond pas au document.") from error
    return payload


def moment(day: date) -> str:
    return datetime.combine(day, time.min, UTC).isoformat().replace("+00:00", "Z")


def hashed_name(name: str) -> JSON:
    """The holder's name as a salted hash (OB 3.0 IdentityObject): who knows the name may check it, nobody reads it."""
    salt = secrets.token_hex(16)
    digest = hashlib.sha256((name.lower() + salt).encode()).hexdigest()
    return {
        "type": "IdentityObject",
        "hashed": True,
        "identityType": "name",
        "identityHash": f"sha256${digest}",
        "salt": salt,
    }


def credential(
    *,
    url: str,
    holder: UUID,
    name: str,
    issuer: JSON,
    achievement: JSON,
    awarded_on: date,
    evidence: str,
    status_url: str,
    place: int,
) -> JSON:
    """An OpenBadgeCredential ready to be signed; its registered JWT claims stand beside its members (VC-JWT)."""
    subject: JSON = {
        "id": holder.urn,
        "type": ["AchievementSubject"],
        "identifier": [hashed_name(name)],
        "achievement": achievement,
    }
    if evidence:
        subject["narrative"] = evidence
    return {
        "@context": CONTEXT,
        "id": url,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "issuer": issuer,
        "validFrom": moment(awarded_on),
        "name": achievement["name"],
        "credentialSubject": subject,
        "credentialStatus": {
            "id": f"{status_url}#{place}",
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": str(place),
            "statusListCredential": status_url,
        },
        "iss": issuer["id"],
        "sub": holder.urn,
        "jti": url,
        "nbf": int(datetime.combine(awarded_on, time.min, UTC).timestamp()),
    }


def status_list(*, url: str, issuer_id: str, places: Iterable[int], since: date) -> JSON:
    """A BitstringStatusListCredential where the given places are revoked."""
    bits = bytearray(STATUS_LIST_SIZE // 8)
    for place in places:
        bits[place // 8] |= 0x80 >> place % 8
    return {
        "@context": CONTEXT[:1],
        "id": url,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer_id,
        "validFrom": moment(since),
        "credentialSubject": {
            "id": f"{url}#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": "u" + _encode(gzip.compress(bytes(bits), mtime=0)),
        },
        "iss": issuer_id,
        "jti": url,
        "nbf": int(datetime.combine(since, time.min, UTC).timestamp()),
    }


def new_place(taken: set[int]) -> int:
    """A place in the status list drawn at random, so that places say nothing of when or to whom."""
    while (place := secrets.randbelow(STATUS_LIST_SIZE)) in taken:
        pass
    return place
