"""transfer notices: what was sent outside, what waits and what could not be sent."""

from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer

from transfer.cli.common import (
    REFUSED,
    AsJson,
    Data,
    at_work,
    say,
    say_json,
    say_rehearsed,
    say_table,
    settings_for,
)

if TYPE_CHECKING:
    from transfer.notices.kept import NoticeState
    from transfer.notices.sending import Sending

_MOST = 200


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def notices(
        state: Annotated[
            str | None,
            typer.Option(
                metavar="STATE",
                help="Only those that stand so: waiting, no-address, sent, failed or not-needed "
                "[default: those that were not sent].",
            ),
        ] = None,
        reference: Annotated[
            str | None,
            typer.Option(metavar="REF", help="The one of that reference: to whom it is, and why."),
        ] = None,
        retry: Annotated[
            bool,
            typer.Option("--retry", help="Let those that failed, or pause, be tried again now."),
        ] = False,
        send_now: Annotated[
            bool,
            typer.Option(
                "--send-now", help="Find what is owed and send what waits, before the list."
            ),
        ] = False,
        data: Data = None,
        as_json: AsJson = False,
    ) -> None:
        """List the notices that tell people outside that there is something to read or to do.

        A running service sends them by itself. A notice has a reference and a link, and says
        nothing of what is on record. Exit code 1 where one could not be sent with --send-now.

        \b
        Examples:
          transfer notices
          transfer notices --state failed
          transfer notices --retry --send-now
          transfer notices --reference 3OU3-4SSW-BFDV-PIBQ --json
        """
        from transfer.app import open_folder, sending_of
        from transfer.core.refusals import Conflict, Malformed
        from transfer.notices.kept import NoticeState
        from transfer.questions.notices import notices as find

        unsent = (NoticeState.FAILED, NoticeState.NO_ADDRESS, NoticeState.WAITING)
        try:
            wanted = None if state is None else NoticeState(state)
        except ValueError:
            raise Malformed(f"choose one of {', '.join(NoticeState)}", field="--state") from None
        settings = settings_for(data)
        with at_work(settings, "transfer notices") as record:
            folder = open_folder(settings)
            # It may be set otherwise than this command: a notice goes one way, not two.
            if send_now and folder.running() is not None:
                raise Conflict(
                    "the service that runs on this data folder sends notices by itself: leave out "
                    "--send-now"
                )
            again = record.notices.again() if retry else None
            done = _send(sending_of(record, folder, settings)) if send_now else None
            states = (wanted,) if wanted is not None else () if reference else unsent
            found = find(record.notices, states=states, reference=reference, limit=_MOST)
            rehearsed = record.log.rehearsal()
        if as_json:
            shown = [each.model_dump(mode="json") for each in found.items]
            made = {"tried_again": again, "sent_now": None if done is None else dict(done)}
            say_json({"items": shown, **made}, rehearsed)
        else:
            say_rehearsed(rehearsed)
            if again is not None:
                say(f"{again} notices are tried again.")
            if done is not None:
                told = (f"{done[each]} {each}" for each in NoticeState if done[each])
                say(f"Now: {', '.join(told) or 'nothing was to be sent'}.")
            rows = [
                (
                    each.staff_number or each.subject or "",
                    each.kind,
                    each.state,
                    each.reason or "",
                    each.reference,
                )
                for each in found.items
            ]
            say_table("Notices", ("to", "kind", "state", "why", "reference"), rows)
        if done is not None and (done[NoticeState.FAILED] or done[NoticeState.WAITING]):
            raise typer.Exit(REFUSED)


def _send(sending: "Sending") -> "Counter[NoticeState]":
    """Find what is owed and send what waits; how many notices came to which state."""
    sending.note_recorded()
    sending.note_days()
    return sending.send_waiting()
