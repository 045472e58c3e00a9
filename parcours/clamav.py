"""A scanner for `ATTACHMENT_SCANNER`: ClamAV's daemon, spoken to by its INSTREAM command (clamd(8))."""

import socket
import struct
from typing import BinaryIO

from django.conf import settings

CHUNK = 1 << 16


class CannotTell(Exception):
    """The daemon did not answer yes or no: the file keeps waiting, and the job is done again later."""


def scan(stream: BinaryIO) -> bool:
    """Whether ClamAV finds nothing. Raises CannotTell or OSError."""
    host, _colon, port = settings.CLAMAV_ADDRESS.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=60) as daemon:
        daemon.sendall(b"zINSTREAM\0")
        while chunk := stream.read(CHUNK):
            daemon.sendall(struct.pack("!L", len(chunk)) + chunk)
        daemon.sendall(struct.pack("!L", 0))
        answer = b""
        while not answer.endswith(b"\0") and (part := daemon.recv(4096)):
            answer += part
    said = answer.rstrip(b"\0").decode("utf-8", "replace")
    if said.endswith(": OK"):
        return True
    if said.endswith(" FOUND"):
        return False
    raise CannotTell(said or "no answer")
