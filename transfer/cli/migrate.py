"""transfer migrate: bring a database's tables up to this version of the program."""

from typing import Annotated

import typer

from transfer.cli.common import REFUSED, AsJson, Data, progress, say, say_json, settings_for


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def migrate(
        data: Data = None,
        check: Annotated[
            bool,
            typer.Option("--check", help="Change nothing; exit code 1 where something is missing."),
        ] = False,
        as_json: AsJson = False,
    ) -> None:
        """Make or renew the tables of the database, once, before the processes that use them start.

        Of several that are started at the same time one does it and the others wait. transfer serve
        does so by itself, unless it has a role: then it waits until this was done.

        \b
        Examples:
          transfer migrate --data /srv/transfer
          DATABASE_URL=postgresql://… transfer migrate
          DATABASE_URL=postgresql://… transfer migrate --check
        """
        import contextlib

        from deploy.embedded import start_engines
        from deploy.migrate import migrate as apply
        from deploy.migrate import pending
        from transfer.app import folder_of_keys, migrate_record, open_folder, vault_key

        settings = settings_for(data)
        with contextlib.ExitStack() as stack:
            report = stack.enter_context(progress())
            database_url = settings.database_url
            # On a database of others it needs no key; one that is there has to be the record's.
            folder = folder_of_keys(settings)
            has_key = not check and vault_key(folder)[0] is not None
            if database_url is None:
                folder, has_key = open_folder(settings), True
                running = folder.running()
                if running is not None:
                    database_url = running.database_url
                else:
                    stack.enter_context(folder.hold("transfer migrate"))
                    engines = start_engines(folder, temporal="none", report=report)
                    database_url = stack.enter_context(engines).database_url
            report("applying migrations")
            if check:
                numbers = pending(database_url)
            elif has_key:
                numbers = migrate_record(database_url, folder)
            else:
                numbers = apply(database_url)
            report("")
        if as_json:
            say_json({"missing" if check else "applied": numbers})
        elif check:
            say(f"missing: {_told(numbers)}")
        else:
            say(f"applied: {_told(numbers)}")
        if check and numbers:
            raise typer.Exit(REFUSED)


def _told(numbers: list[int]) -> str:
    if not numbers:
        return "none"
    if len(numbers) == 1:
        return f"{numbers[0]:04d}"
    return f"{len(numbers)} migrations, {numbers[0]:04d} to {numbers[-1]:04d}"
