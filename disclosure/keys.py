"""Keys of the noise: from a secret, never from the data alone.

A record key is drawn for each person, period and revision. The sum of the record keys of a base (the population a figure is
about) is its fingerprint: the same people, however the base is described, have the same one. Noise is drawn from the
fingerprint of the base, never from those who have the attribute (§5.4 of the reference: keyed on contributors, an unchanged
figure proves that a newcomer does not have it).
"""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, repr=False)
class Secret:
    """The secret of a calendar year. Its bytes are never shown: not by repr, not in a release, not in a log."""

    key_id: str
    material: bytes

    def __post_init__(self) -> None:
        if len(self.material) < 32:
            raise ValueError("a secret holds at least 32 bytes")

    def __repr__(self) -> str:
        return f"Secret({self.key_id})"

    def of_issue(self, period: str, revision: int) -> bytes:
        """The key of one issue: a period and its revision."""
        return hmac.new(self.material, f"{period}|{revision}".encode(), hashlib.sha256).digest()

    def of_people(self) -> bytes:
        """The key that blinds people in the snapshots of the year."""
        return hmac.new(self.material, b"people", hashlib.sha256).digest()


def blinded(key: bytes, who: str) -> int:
    """A person's record: 63 bits of a keyed hash, the same each time, from which nothing is read without the key."""
    return int.from_bytes(hashlib.blake2b(who.encode(), digest_size=8, key=key).digest(), "big") >> 1


def record_keys(key: bytes, persons: Sequence[int]) -> Words:
    """Two 64-bit words for each person, under the key of an issue."""
    digest = hashlib.blake2b
    joined = b"".join(digest(b"%d" % person, digest_size=16, key=key).digest() for person in persons)
    return np.frombuffer(joined, dtype="<u8").reshape(-1, 2).astype(np.uint64)


def uniforms(key: bytes, what: str, fingerprints: Words) -> Floats:
    """One number in [0, 1), of 53 bits, for each base, for one quantity (`what` names indicator and category)."""
    digest, head = hashlib.blake2b, what.encode() + b"|"
    joined = b"".join(
        digest(head + base.tobytes(), digest_size=8, key=key).digest() for base in np.ascontiguousarray(fingerprints)
    )
    words = np.frombuffer(joined, dtype="<u8") >> np.uint64(11)
    found: Floats = words.astype(np.float64) / float(1 << 53)
    return found


def summed(groups: NDArray[np.int64], keys: Words, size: int) -> Words:
    """Fingerprints: the record keys added up by group, modulo 2^64, word by word."""
    found = np.zeros((size, 2), dtype=np.uint64)
    np.add.at(found, groups, keys)
    return found
