"""transfer sign-out: end the sessions of somebody on the pages."""

from typing import Annotated

import typer

from transfer.cli.common import AsJson, Data, at_work, say, say_json, settings_for


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("sign-out")
    def sign_out(
        subject: Annotated[
            str, typer.Option(metavar="NAME", help="Whose: the name that the pages show.")
        ],
        data: Data = None,
        as_json: AsJson = False,
    ) -> None:
        """End every session of somebody on the pages, in whatever browser.

        A token that they hold goes on until it expires: they can sign in with it again.

        \b
        Examples:
          transfer sign-out --subject "HR operations"
          transfer sign-out --subject S10442 --data /srv/transfer --json
        """
        from transfer.access.sessions import end_all_of
        from transfer.app import clock

        settings = settings_for(data)
        with (
            at_work(settings, "transfer sign-out", catch_up=False) as record,
            record.log.connection() as connection,
        ):
            ended = end_all_of(connection, subject, clock())
        if as_json:
            say_json({"subject": subject, "sessions_ended": ended})
        else:
            say(f"Sessions ended: {ended}")
