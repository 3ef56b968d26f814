"""What every page has in common: who may see it, how it is drawn, and how a "no" is told.

Pages are drawn on the server and need no script; what is shown follows from the address alone, so
that an address can be passed on. Addresses and titles hold ids and never names.
"""

import contextlib
import logging
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from http import HTTPStatus
from importlib.resources import files
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

import psycopg
from fastapi import FastAPI, Request, Response
from fastapi.routing import APIRoute
from jinja2 import ChainableUndefined, Environment, PackageLoader, PrefixLoader
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import HTMLResponse, RedirectResponse

from transfer.access.identity import Caller, Role
from transfer.access.last_seen import current
from transfer.access.reach import RECORD, What
from transfer.access.sessions import Session
from transfer.api.http.middleware import pattern_of
from transfer.api.http.problems import (
    FAULT,
    MALFORMED,
    METHOD_NOT_ALLOWED,
    NOT_FOUND,
    Problem,
    fault,
    known_problem,
    tell_http,
)
from transfer.api.http_service import V1, HttpService, Reading, reader_of, require_plain_query
from transfer.api.reach import Reach, reach_of, require_reach
from transfer.core.dating.instants import print_instant
from transfer.core.dating.typed import typed_instant
from transfer.log.restorations import Restoration, what_hides
from transfer.web.frame.codes import Worded, names_in_words
from transfer.web.frame.glossary import Terms
from transfer.web.frame.navigation import Navigation
from transfer.web.frame.sessions import Sessions
from transfer.web.frame.wording import day_text, days_text, instant_text, time_text, value_text

SIGN_IN: Final = "/sign-in"

_SOON: Final = timedelta(minutes=15)
"""How long before a session ends, whatever is done in it, a page warns of it."""

_HEADERS: Final = {
    # No script at all; styles and the icon from here alone; nobody frames it.
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
}

_ADVICE: Final = {
    "not-allowed": "You may not see this",
    "not-found": "There is no such page",
    "method-not-allowed": "There is no page at this address",
    "not-on-record": "Not on record",
    "malformed": "The address asks for something that cannot be",
    "unavailable": "Not to be had at the moment",
    "fault": "Something went wrong here",
}
"""What a page that tells a problem is called, by the problem's name."""

_KNOWN_AT: Final = ("known_at", "compared_with")
"""The parameters of pages that name an instant at which something was known."""

_logger = logging.getLogger(__name__)


class SignInNeeded(Exception):  # noqa: N818 - says what is needed
    """Nobody has signed in, or not any more."""


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that pages refer to; its address changes with its content."""

    address: str
    media_type: str
    content: bytes


class Pages:
    """The pages of one service: its service, its sessions, its navigation and its templates."""

    def __init__(self, service: HttpService, sessions: Sessions, navigation: Navigation) -> None:
        self.service = service
        self.sessions = sessions
        self.navigation = navigation
        self.style = _asset("transfer.css", "text/css; charset=utf-8")
        self.icon = _asset("icon.svg", "image/svg+xml")
        self._templates = _templates()

    def session(self, request: Request) -> Session | None:
        """The session of whoever asks, if it is valid now; asks the database."""
        session = self.sessions.find(request, self.service.clock())
        request.state.session = session
        return session

    def sign_out(self, request: Request, then: str = SIGN_IN) -> Response:
        """End the caller's session, here and in the browser, and send them on."""
        session = self.session(request)
        if session is not None:
            self.sessions.sign_out(session, self.service.clock())
        response = redirect(then)
        self.sessions.forget(response, request)
        return response

    def signed_in(
        self,
        *roles: Role,
        own_record: bool = False,
        granted: Iterable[Role] = (),
        what: frozenset[What] = RECORD,
        within_limits: bool = False,
    ) -> "SignedIn":
        """The dependency that lets those pass who have signed in with one of these roles.

        With `own_record`, a member of staff passes too where the path names their own number,
        and so does a role of `granted` where `what` of that record is in the caller's reach;
        without any role, everybody who has signed in. `within_limits`: it leaves out whom an
        administrator's limits leave out (`transfer.api.reach.shown_to`); where it does not say so,
        and its path names nobody, it is not for an administrator with limits.
        """
        return SignedIn(self, reach_of(roles, own_record, granted, what), within_limits)

    def reads(
        self,
        *roles: Role,
        own_record: bool = False,
        granted: Iterable[Role] = (),
        what: frozenset[What] = RECORD,
    ) -> "SignedInToRead":
        """As `signed_in`, for a page whose address does not say whose record it shows: the
        dependency answers a `Reading`, by which the page sees to that itself."""
        reach = reach_of(roles, own_record, granted, what, named_inside=True)
        return SignedInToRead(self, reach, within_limits=True)

    def note(
        self,
        request: Request,
        caller: Caller,
        roles: Iterable[Role],
        people: Iterable[str],
        *,
        effective_at: date | None = None,
        known_at: datetime | None = None,
    ) -> None:
        """Put on the register of reads that a page showed these people to the caller, in the first
        of `roles` that they have. Raises `Malformed` for the reason of the read."""
        reader = reader_of(request, caller, frozenset(roles))
        self.service.register.note(reader, people, effective_at=effective_at, known_at=known_at)

    def draw(
        self, request: Request, template: str, content: Mapping[str, object], status: int = 200
    ) -> Response:
        """The answer with a page, and with a session where the browser had none."""
        now = self.service.clock()
        # Where nobody has looked it up: a page that tells of a fault does without the database.
        unchecked = self.sessions.unchecked(request)
        found: Session | None = getattr(request.state, "session", unchecked)
        session = found or self.sessions.begin()
        rehearsal = self.service.rehearsal
        text = self._templates.get_template(template).render(
            style=self.style.address,
            icon=self.icon.address,
            caller=session.caller,
            navigation=self.navigation.links(session.caller, request.url.path)
            if session.caller
            else (),
            signed_in_until=session.expires_at,
            drawn_at=now,
            signed_out_at=session.ends_at if _ends_soon(session, now) else None,
            form_token=self.sessions.form_token(session),
            rehearsed=rehearsal.edition if rehearsal else None,
            practice_day=self.service.today() if rehearsal and rehearsal.is_practice else None,
            restored=self._what_lost(request) if session.caller else None,
            term=Terms(),
            worded=Worded(self._names),
            **content,
        )
        response = HTMLResponse(text, status, headers=_HEADERS)
        if found is None:
            self.sessions.write(response, session, request, now)
        return response

    def _what_lost(self, request: Request) -> Restoration | None:
        """The restoration that lost something of what a page is asked as known at: an instant that
        its address names, or the last one that there is, which an instant to come is as well."""
        restorations, asked = self.service.restorations, list[datetime | None]()
        for name in _KNOWN_AT if restorations else ():
            with contextlib.suppress(ValueError):  # the page says what is wrong with it
                known_at = typed_instant(request.query_params.get(name, "").strip())
                if known_at and (lost := what_hides(restorations, known_at)):
                    return lost
                asked.append(known_at)
        lost = self.service.lost_by_now()
        if lost is None or any(each and each < lost.restored_at for each in asked):
            return None
        return lost

    def _names(self) -> Mapping[str, str]:
        office = self.service.office
        return names_in_words(office.known.kinds, office.editions.all().values())

    def tell(self, request: Request, error: Exception) -> Response:
        """The page, or the way to sign in, that a request which cannot be answered leads to."""
        if isinstance(error, SignInNeeded):
            return redirect(f"{SIGN_IN}?{urlencode({'next': _asked(request)})}")
        problem = problem_of(error)
        if problem is None:
            address = pattern_of(request.scope)
            _logger.error("%s %s: a fault", request.method, address, exc_info=error)
            problem = fault()
        kind = problem.kind
        response = self.draw(
            request,
            "transfer/frame/problem.html",
            {
                "heading": _ADVICE.get(kind.name, kind.title),
                "detail": problem.detail,
                "kind": kind.name,
            },
            kind.status,
        )
        response.headers.update(problem.headers)
        return response

    def route_class(self) -> type[APIRoute]:
        """The routes of pages: what goes wrong in one is told as a page."""
        tell, bring, keep = self.tell, self._bring_seen, self._keep_seen

        class PageRoute(APIRoute):
            def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
                answer = super().get_route_handler()

                async def told(request: Request) -> Response:
                    bring(request)
                    try:
                        response = await answer(request)
                    except ClientDisconnect:
                        raise
                    except Exception as error:  # noqa: BLE001 - told as a page, and logged there
                        response = tell(request, error)
                    keep(request, response)
                    return response

                return told

        return PageRoute

    def _bring_seen(self, request: Request) -> None:
        """Have the page wait for what its reader has seen, by the browser's cookie.

        One that this record has not made says nothing: it may be of another one at this address.
        """
        exchange, seen = current.get(), self.sessions.seen(request)
        if exchange is not None:
            is_ours = seen is not None and self.service.last_seen.open(seen) is not None
            exchange.brought = (seen,) if seen is not None and is_ours else ()

    def _keep_seen(self, request: Request, response: Response) -> None:
        """Give the browser the instant of what was recorded, if anything was."""
        exchange = current.get()
        sealed = None if exchange is None else self.service.last_seen.sealed_for(exchange)
        if sealed is not None:
            self.sessions.write_seen(response, sealed, request)

    def install(self, app: FastAPI) -> None:
        """Tell a browser that asks for an unknown address so by a page as well."""

        async def told(request: Request, error: Exception) -> Response:
            # Programs get problems, wherever they ask; and under /v1 everybody is a program.
            if request.url.path.startswith(f"{V1}/") or not _wants_page(request):
                return await tell_http(request, error)
            with contextlib.suppress(psycopg.Error):
                await run_in_threadpool(self.session, request)
            return self.tell(request, error)

        app.add_exception_handler(HTTPException, told)


@dataclass(frozen=True)
class SignedIn:
    """Lets those who have signed in with one of the roles pass; the rest are told why not."""

    pages: Pages
    reach: Reach
    within_limits: bool

    @property
    def roles(self) -> frozenset[Role]:
        """The roles that reach everybody by the page."""
        return self.reach.roles

    @property
    def own_record(self) -> bool:
        """Whether a member of staff sees their own record by it."""
        return Role.STAFF in self.reach.granted

    async def __call__(self, request: Request) -> Caller:
        """The caller. Raises `SignInNeeded`, `Problem` (403) or `NotOnRecord` (404)."""
        require_plain_query(request)
        session = await run_in_threadpool(self.pages.session, request)
        if session is None or session.caller is None:
            raise SignInNeeded
        caller = session.caller
        if self.reach.served:
            whole = not self.within_limits and "staff_number" not in request.path_params
            reach = replace(self.reach, whole_office=whole)
            await require_reach(self.pages.service, caller, reach, request)
        return caller


@dataclass(frozen=True)
class SignedInToRead(SignedIn):
    """Lets those pass as `SignedIn` does, to read what is on the register of reads afterwards."""

    async def __call__(self, request: Request) -> Reading:  # type: ignore[override]  # a dependency is called by FastAPI alone, and never as a SignedIn
        """Who reads what. Raises as `SignedIn`, and `Malformed` for the reason."""
        caller = await super().__call__(request)
        reader = reader_of(request, caller, self.reach.served)
        return Reading(self.pages.service, caller, self.reach, reader, request.state.grant)


def redirect(address: str) -> Response:
    """Send the browser on, by GET."""
    return RedirectResponse(address, 303, headers=_HEADERS)


def problem_of(error: Exception) -> Problem | None:
    """What an error is as a problem; `None` for a fault of the program."""
    if not isinstance(error, HTTPException):
        return known_problem(error)
    headers = dict(error.headers or {})
    match error.status_code:
        case HTTPStatus.NOT_FOUND:
            return Problem(NOT_FOUND, "Check the address; or begin again with a staff number.")
        case HTTPStatus.METHOD_NOT_ALLOWED:
            return Problem(METHOD_NOT_ALLOWED, "Only a form is sent there.", headers=headers)
        case status:
            kind = FAULT if status >= FAULT.status else MALFORMED
            return Problem(kind, str(error.detail), headers=headers)


def _ends_soon(session: Session, now: datetime) -> bool:
    return session.ends_at is not None and session.ends_at - now < _SOON


def _asked(request: Request) -> str:
    """The page to come back to: of a form the one that it stood on, as only that can be shown."""
    if request.method == "GET":
        return _with_query(quote(request.url.path), request.url.query)
    try:
        page = urlsplit(request.headers.get("referer", ""))
    except ValueError:
        return "/"
    return _with_query(page.path, page.query) if page.netloc == request.url.netloc else "/"


def _with_query(path: str, query: str) -> str:
    return f"{path}?{query}" if query else path


def _wants_page(request: Request) -> bool:
    return request.method == "GET" and "text/html" in request.headers.get("accept", "")


def _asset(name: str, media_type: str) -> Asset:
    content = files("transfer.web").joinpath("assets", name).read_bytes()
    return Asset(f"/assets/{sha256(content).hexdigest()[:12]}/{name}", media_type, content)


def _templates() -> Environment:
    environment = Environment(
        loader=PrefixLoader(
            {
                "transfer": PackageLoader("transfer.web"),
                "govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja"),
            }
        ),
        autoescape=True,
        # What the library's templates are written for: a parameter may be left out.
        undefined=ChainableUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "day": day_text,
        "days": days_text,
        "instant": instant_text,
        "time": time_text,
        "exact": exact,
        "value": value_text,
    }
    return environment


def exact(instant: datetime) -> str:
    """An instant as it may be asked about again: UTC, to the microsecond."""
    return print_instant(instant)
