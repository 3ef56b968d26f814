"""The pages of one service, put together and added to its API."""

from fastapi import APIRouter, Depends, FastAPI, Response

from transfer.access.outside import CodeFlow
from transfer.access.sessions import SessionStore
from transfer.api.http_service import HttpService, open_to_all
from transfer.web.everyone import (
    at_the_provider,
    find,
    find_staff,
    glossary,
    record,
    reports,
    sign_in,
)
from transfer.web.frame.navigation import Navigation
from transfer.web.frame.pages import Asset, Pages
from transfer.web.frame.sessions import Sessions
from transfer.web.office import (
    acts,
    appeals,
    duties,
    entries,
    exercise,
    exercise_people,
    exercises,
    home,
    letters,
    liability_information,
    notices,
    procedures,
    questions_of_reads,
    upload,
    what_if,
    work,
)
from transfer.web.panel import case, cases, extract
from transfer.web.staff import challenge, my_choices, my_record, who_could_read, who_read
from transfer.web.union import consultations, my_members, totals

IN_NAVIGATION = (
    home.IN_NAVIGATION,
    work.IN_NAVIGATION,
    find.IN_NAVIGATION,
    reports.IN_NAVIGATION,
    exercises.IN_NAVIGATION,
    consultations.IN_NAVIGATION,
    cases.IN_NAVIGATION,
    my_record.IN_NAVIGATION,
    my_choices.IN_NAVIGATION,
    who_read.IN_NAVIGATION,
    my_members.IN_NAVIGATION,
)
"""The pages that stand in the navigation, each with the entry that it declares."""

_A_YEAR_SECONDS = 31_536_000


def add_pages(
    app: FastAPI, service: HttpService, secret: bytes, flow: CodeFlow | None = None
) -> None:
    """Serve the pages beside the API of the same service; `secret` signs their forms.

    With `flow`, people sign in at the outside provider.
    """
    store = SessionStore(lambda: service.office.log.connection(), secret)
    pages = Pages(service, Sessions(store, secret), Navigation(IN_NAVIGATION))
    for router in (
        home.routes(pages),
        find.routes(pages),
        find_staff.routes(pages),
        record.routes(pages),
        glossary.routes(pages),
        reports.routes(pages),
        sign_in.routes(pages, flow),
        *([] if flow is None else [at_the_provider.routes(pages, flow)]),
        exercises.routes(pages),
        procedures.routes(pages),
        exercise.routes(pages),
        exercise_people.routes(pages),
        letters.routes(pages),
        liability_information.routes(pages),
        appeals.routes(pages),
        acts.routes(pages),
        what_if.routes(pages),
        entries.routes(pages),
        upload.routes(pages),
        work.routes(pages),
        duties.routes(pages),
        totals.routes(pages),
        consultations.routes(pages),
        cases.routes(pages),
        case.routes(pages),
        extract.routes(pages),
        questions_of_reads.routes(pages),
        notices.routes(pages),
        my_record.routes(pages),
        challenge.routes(pages),
        my_choices.routes(pages),
        who_read.routes(pages),
        who_could_read.routes(pages),
        my_members.routes(pages),
        _files(pages),
    ):
        # Not include_router: each route is whole already, and is found here as it was made.
        app.router.routes.extend(router.routes)
    pages.install(app)


def _files(pages: Pages) -> APIRouter:
    router = APIRouter(
        route_class=pages.route_class(),
        dependencies=[Depends(open_to_all)],
        include_in_schema=False,
    )
    # Its address names its content, so what is kept there never goes stale.
    headers = {"Cache-Control": f"public, max-age={_A_YEAR_SECONDS}, immutable"}

    def serve(asset: Asset) -> None:
        @router.get(asset.address)
        async def send() -> Response:
            return Response(asset.content, media_type=asset.media_type, headers=headers)

    for each in (pages.style, pages.icon):
        serve(each)
    return router
