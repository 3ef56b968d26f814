"""transfer token: a bearer token from the embedded identity."""

from datetime import timedelta
from typing import Annotated

import typer

from transfer.access.identity import SHORT_NAMES, Limits
from transfer.cli.common import (
    AsJson,
    Data,
    folder_of,
    naming_options,
    say,
    say_json,
    settings_for,
)
from transfer.core.refusals import Malformed, Refused

_DAY_SECONDS = 24 * 3600


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def token(
        role: Annotated[
            str, typer.Option(metavar="ROLE", help=f"One of {', '.join(SHORT_NAMES)}.")
        ],
        subject: Annotated[
            str,
            typer.Option(
                metavar="NAME",
                help="Who it is for; recorded as the actor of what they do. For a member of staff "
                "their staff number.",
            ),
        ],
        ttl: Annotated[
            int, typer.Option(metavar="SECONDS", help="How long it is valid.")
        ] = _DAY_SECONDS,
        staff_number: Annotated[
            str | None,
            typer.Option(
                metavar="NO", help="The staff number of a member of staff who is called otherwise."
            ),
        ] = None,
        body: Annotated[
            str | None,
            typer.Option(metavar="NAME", help="The union or the panel that they act for."),
        ] = None,
        employer: Annotated[
            list[str] | None,
            typer.Option(
                metavar="NAME",
                help="Limit an administrator to the people of this employer; may be repeated.",
            ),
        ] = None,
        unit: Annotated[
            list[str] | None,
            typer.Option(
                metavar="NAME",
                help="Limit an administrator to the people of this unit; may be repeated.",
            ),
        ] = None,
        data: Data = None,
        as_json: AsJson = False,
    ) -> None:
        """Print a bearer token of the embedded identity, and nothing else.

        Works whether the service is running or not. Refused where an outside identity provider is
        configured: ask that one.

        \b
        Examples:
          transfer token --role admin --subject "HR operations"
          transfer token --role staff --subject S10442 --ttl 900
          transfer token --role union --subject rep --body "Union A"
          transfer token --role admin --subject "HR North" --employer "Trust A" --unit North
        """
        from transfer.app import clock, embedded_identity

        settings = settings_for(data)
        if role not in SHORT_NAMES:
            raise Malformed(f"{role!r} is none of {', '.join(SHORT_NAMES)}", field="--role")
        if settings.identity_issuer is not None:
            raise Refused(
                f"tokens come from the identity provider {settings.identity_issuer}: "
                "none is made here while it is configured"
            )
        identity = embedded_identity(folder_of(settings), settings)
        with naming_options():
            made = identity.issue(
                subject,
                SHORT_NAMES[role],
                ttl,
                staff_number=staff_number,
                body=body,
                limits=Limits(frozenset(employer or ()), frozenset(unit or ())),
            )
        if as_json:
            expires = clock() + timedelta(seconds=ttl)
            say_json(
                {
                    "token": made,
                    "subject": subject,
                    "role": role,
                    "expires_at": expires.isoformat(timespec="seconds"),
                }
            )
        else:
            say(made)
