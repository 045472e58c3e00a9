"""Someone who uses the site over HTTP, as a browser does: cookies, the CSRF token, forms with files."""

import http.client
import re
import socket
import struct
from contextlib import suppress
from urllib.parse import urlencode
from uuid import uuid4

Files = dict[str, tuple[str, bytes]]


class Visitor:
    """Signs in when asked who she is. A connection that fails is status 0: the caller sends again."""

    def __init__(self, port: int, email: str = "", password: str = "", timeout: float = 30) -> None:
        self.port, self.email, self.password, self.timeout = port, email, password, timeout
        self.cookies: dict[str, str] = {}
        self.location = ""
        self.body = b""
        self.answered = 0

    def status(self, path: str) -> int:
        return self._ask("GET", path)

    def get(self, path: str) -> int:
        """The page, signing in first when it must be."""
        status = self._ask("GET", path)
        if status == 302 and "/compte/" in self.location and self.email and self.sign_in():
            status = self._ask("GET", path)
        return status

    def post(self, path: str, fields: dict[str, str], files: Files) -> int:
        status = self._send(path, fields, files)
        if (status == 302 and "/compte/" in self.location) or status == 403:
            if not self.sign_in():
                return 0
            status = self._send(path, fields, files)
        return status

    def sign_in(self) -> bool:
        self.cookies.clear()
        if self._ask("GET", "/compte/login/") != 200:
            return False
        status = self._send("/compte/login/", {"login": self.email, "password": self.password}, {})
        return status == 302 and "sessionid" in self.cookies

    def cut(self, path: str, fields: dict[str, str], files: Files, part: float) -> None:
        """Send a part of a form and break the connection."""
        if not self.sign_in():
            return
        body, kind = multipart({**fields, **self._token()}, files)
        head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nContent-Type: {kind}\r\n"
        head += f"Content-Length: {len(body)}\r\nCookie: {self._cookie()}\r\n\r\n"
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=5) as line:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # no goodbye
            line.sendall(head.encode() + body[: int(len(body) * part)])

    def _token(self) -> dict[str, str]:
        return {"csrfmiddlewaretoken": self.cookies.get("csrftoken", "")}

    def _cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def _send(self, path: str, fields: dict[str, str], files: Files) -> int:
        fields = {**fields, **self._token()}
        if files:
            body, kind = multipart(fields, files)
        else:
            body, kind = urlencode(fields).encode(), "application/x-www-form-urlencoded"
        return self._ask("POST", path, body, {"Content-Type": kind})

    def _ask(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> int:
        self.answered = 0
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
        try:
            line.request(method, path, body, {"Cookie": self._cookie(), **(headers or {})})
            answer = line.getresponse()
            self.body = answer.read()
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            line.close()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie" and (match := re.match(r"([^=]+)=([^;]*)", value)):
                self.cookies[match[1]] = match[2]
        self.location = answer.getheader("Location", "") or ""
        self.answered = answer.status
        return answer.status


def multipart(fields: dict[str, str], files: Files) -> tuple[bytes, str]:
    mark = uuid4().hex
    parts = [
        f'--{mark}\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n'.encode() for n, v in fields.items()
    ]
    for name, (title, content) in files.items():
        head = f'--{mark}\r\nContent-Disposition: form-data; name="{name}"; filename="{title}"\r\n\r\n'
        parts.append(head.encode() + content + b"\r\n")
    return b"".join(parts) + f"--{mark}--\r\n".encode(), f"multipart/form-data; boundary={mark}"
