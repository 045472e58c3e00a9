"""Tiny real files, made on the spot."""

import io
import struct
import zipfile
import zlib


def pdf() -> bytes:
    return b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def png() -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack("!I", len(data)) + name + data + struct.pack("!I", zlib.crc32(name + data))

    header = struct.pack("!IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\x00\x00")) + chunk(b"IEND", b"")
    )


def archive(**held: str) -> bytes:
    """A zip that holds these members."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as made:
        for name, text in held.items():
            made.writestr(name, text)
    return content.getvalue()


def docx(*more: str) -> bytes:
    return archive(**dict.fromkeys(("[Content_Types].xml", "word/document.xml", *more), ""))


def odt(*more: str) -> bytes:
    return archive(mimetype="application/vnd.oasis.opendocument.text", **dict.fromkeys(("content.xml", *more), ""))
