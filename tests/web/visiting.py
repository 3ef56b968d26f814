"""Visiting the pages in a test as a browser would, without one and without sockets."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from urllib.parse import urlencode

import httpx
from httpx import Response

from tests.support.asking import Client
from transfer.access.identity import EmbeddedIdentity, Role


@dataclass
class Visitor:
    """One browser: keeps its cookies, follows nothing by itself."""

    client: Client
    identity: EmbeddedIdentity
    cookies: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    """Sent with everything that is asked."""

    def get(self, address: str, accept: str = "text/html") -> Response:
        """The answer to a GET."""
        return self._ask("GET", address, {"Accept": accept})

    def post(self, address: str, fields: dict[str, str], **headers: str) -> Response:
        """The answer to a form."""
        sent = {"Content-Type": "application/x-www-form-urlencoded", **headers}
        return self._ask("POST", address, sent, urlencode(fields).encode())

    def upload(
        self, address: str, fields: dict[str, str], name: str, content: bytes, **headers: str
    ) -> Response:
        """The answer to a form with a file, as a browser sends it."""
        asked = httpx.Request("POST", "http://test", data=fields, files={"file": (name, content)})
        sent = {"Content-Type": asked.headers["content-type"], **headers}
        return self._ask("POST", address, sent, asked.read())

    def sign_in(
        self, role: Role = Role.ADMIN, subject: str = "HR operations", *, body: str | None = None
    ) -> Visitor:
        """Show a token of that role, whoever was signed in before."""
        self.cookies.clear()
        answer = self.show_token(self.identity.issue(subject, role, 600, body=body))
        assert answer.status_code == 303, answer.text
        return self

    def show_token(self, token: str, wanted: str = "/") -> Response:
        """Fill in the sign-in form and send it."""
        form_token = form_token_of(self.get("/sign-in").text)
        fields = {"form_token": form_token, "token": token, "next": wanted}
        return self.post("/sign-in", fields)

    def _ask(
        self, method: str, address: str, headers: dict[str, str], body: bytes = b""
    ) -> Response:
        path, _, query = address.partition("?")
        headers = {**self.headers, **headers}
        if self.cookies:
            headers |= {"Cookie": "; ".join(f"{name}={v}" for name, v in self.cookies.items())}
        sent = [(name.replace("_", "-").encode(), v.encode()) for name, v in headers.items()]
        answer = self.client.request(method, path, query=query, headers=sent, body=body)
        for each in answer.headers.get_list("set-cookie"):
            for name, morsel in SimpleCookie(each).items():
                if morsel["max-age"] == "0":
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.coded_value
        return answer


def form_token_of(page: str) -> str:
    """What the first form of a page carries."""
    found = re.search(r'name="form_token" value="([0-9a-f]+)"', page)
    assert found is not None, page
    return found[1]


def text_of(page: str) -> str:
    """What can be read on a page, in one line."""
    body = page.partition("<main")[2].partition(">")[2].partition("</main>")[0]
    body = re.sub(r"<svg.*?</svg>", " ", body, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", body)).split())


def shown(visitor: Visitor, address: str, status: int = 200) -> str:
    """What can be read at an address."""
    answer = visitor.get(address)
    assert answer.status_code == status, answer.text
    return text_of(answer.text)


def title_of(page: str) -> str:
    """The title of a page."""
    found = re.search(r"<title>(.*?)</title>", page)
    assert found is not None
    return html.unescape(found[1])


def sent(visitor: Visitor, address: str, fields: dict[str, str], status: int = 200) -> str:
    """The page that a form leads to."""
    token = form_token_of(visitor.get(address).text)
    answer = visitor.post(address, {"form_token": token, **fields})
    assert answer.status_code == status, answer.text
    return answer.text


def carried(page: str) -> dict[str, str]:
    """What the form of a page to check carries."""
    found = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page))
    del found["form_token"]
    return found
