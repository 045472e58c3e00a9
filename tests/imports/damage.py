"""Files damaged at random, from whole ones of our own: bytes, text, tables, containers. The same seed, the same files."""

import gzip
import io
import json
import random
import zipfile
from collections.abc import Callable

Damage = Callable[[random.Random, bytes], bytes]
ODD = (
    "\x00", "\ufeff", "\u202e", "\ud7ff", "\U0001f4a5", "'" * 300, '"', '""', '"\n"', ";" * 50, "\r", "\n\n\n", "\t", "=1+1",
    '=CMD|"/c calc"!A1', "@SUM(A1)", "-1", "1e308", "1e400", "9" * 400, "-0", "NaN", "Infinity", "null", "0001-01-01",
    "9999-12-31", "31/02/2026", "00/00/0000", "1e9", "١٢٣", "12.345.678,9", "é" * 5000, "e\u0301", "<script>", "%00", "../../x",
    "ſ", "İ", "\x1b[31m", "\x85", "\u2028", "true", "[]", "{}", "A001", "2026-13-45T99:99", "0x10", "1_000", "½",
)  # fmt: skip


def some(rng: random.Random, content: bytes) -> int:
    return rng.randrange(len(content) + 1)


def flip(rng: random.Random, content: bytes) -> bytes:
    changed = bytearray(content)
    for _time in range(rng.randrange(1, 20)):
        if changed:
            changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def cut(rng: random.Random, content: bytes) -> bytes:
    return content[: some(rng, content)]


def insert(rng: random.Random, content: bytes) -> bytes:
    at = some(rng, content)
    return content[:at] + rng.choice(ODD).encode("utf-8", "surrogatepass") + content[at:]


def noise(rng: random.Random, content: bytes) -> bytes:
    at = some(rng, content)
    return content[:at] + rng.randbytes(rng.randrange(1, 200)) + content[at + rng.randrange(200) :]


def repeat(rng: random.Random, content: bytes) -> bytes:
    first, last = sorted((some(rng, content), some(rng, content)))
    return content[:last] + content[first:last] * rng.randrange(1, 5) + content[last:]


def swap_lines(rng: random.Random, content: bytes) -> bytes:
    lines = content.split(b"\n")
    rng.shuffle(lines)
    return b"\n".join(lines)


def encode(rng: random.Random, content: bytes) -> bytes:
    text = content.decode("utf-8", "replace")
    return text.encode(
        rng.choice(["utf-16", "utf-16-le", "utf-32", "cp1252", "mac-roman", "cp500", "utf-7"]), "replace"
    )


def contain(rng: random.Random, content: bytes) -> bytes:
    """Put it in another container, sometimes one that swells when opened."""
    if rng.random() < 0.5:
        return gzip.compress(rng.choice([content, bytes(20_000_000)]))
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as file:
        name = rng.choice(["xl/workbook.xml", "xl/worksheets/sheet1.xml", "[Content_Types].xml", "a.csv", "../a"])
        file.writestr(name, rng.choice([content, bytes(20_000_000), b"<a>" * 100_000]))
    return output.getvalue()


def cells(rng: random.Random, content: bytes) -> bytes:
    """Change cells of a table: odd values, headers twice, columns added or taken away, a line without end."""
    lines = [line.split(";") for line in content.decode("utf-8", "replace").split("\n")]
    for _time in range(rng.randrange(1, 6)):
        row = rng.choice(lines)
        at = rng.randrange(len(row))
        kind = rng.randrange(6)
        if kind == 0:
            row[at] = rng.choice(ODD)
        elif kind == 1:
            row[at] = rng.choice(rng.choice(lines))
        elif kind == 2:
            del row[at]
            row = row or [""]
        elif kind == 3:
            row.insert(at, row[at])
        elif kind == 4:
            row += [""] * rng.choice([1, 50, 20_000])
        else:
            row[at] = row[at] * rng.choice([2, 300])
        lines = [line or [""] for line in lines]
    return "\n".join(";".join(row) for row in lines).encode("utf-8", "surrogatepass")


def values(rng: random.Random, content: bytes) -> bytes:
    """Change values of a JSON document, or of each line of one."""
    try:
        if b"\n{" in content and content.lstrip().startswith(b"{"):
            lines = content.strip().split(b"\n")
            at = rng.randrange(len(lines))
            lines[at] = json.dumps(altered(rng, json.loads(lines[at]))).encode()
            return b"\n".join(lines) + b"\n"
        return json.dumps(altered(rng, json.loads(content))).encode()
    except ValueError:
        return flip(rng, content)


def altered(rng: random.Random, found: object, depth: int = 0) -> object:
    strange: list[object] = [None, True, -1, 1e308, 10**400, [], {}, [[]] * 5, {"a": {"b": None}}, *ODD]
    if isinstance(found, list) and found and (depth < 1 or rng.random() < 0.8):
        at = rng.randrange(len(found))
        return [*found[:at], altered(rng, found[at], depth + 1), *found[at + 1 :]]
    if isinstance(found, dict) and found and (depth < 1 or rng.random() < 0.8):
        key = rng.choice(list(found))
        if rng.random() < 0.2:
            return {name: value for name, value in found.items() if name != key}
        return {**found, key: altered(rng, found[key], depth + 1)}
    return rng.choice(strange)


DAMAGES: tuple[Damage, ...] = (
    flip,
    cut,
    insert,
    noise,
    repeat,
    swap_lines,
    encode,
    contain,
    cells,
    cells,
    cells,
    values,
    values,
)


def damaged(rng: random.Random, content: bytes) -> bytes:
    for _time in range(rng.choice([1, 1, 1, 2, 3])):
        content = rng.choice(DAMAGES)(rng, content)
    return content[:2_000_000]
