"""Reading our PDF back, as a person or a screen reader would."""

import re
from io import BytesIO

from pypdf import PdfReader


def reader(content: bytes) -> PdfReader:
    return PdfReader(BytesIO(content))


def text_of(content: bytes) -> str:
    """All the text, with plain spaces and apostrophes, lines joined."""
    said = " ".join(page.extract_text() for page in reader(content).pages)
    return re.sub(r"\s+", " ", said.replace("\u202f", " ").replace("\u00a0", " ").replace("’", "'"))
