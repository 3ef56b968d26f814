"""transfer key: make the keys of a service beforehand, and tell which is which."""

from pathlib import Path
from typing import Annotated

import typer

from transfer.cli.common import AsJson, Data, say, say_json, settings_for
from transfer.core.refusals import Malformed, NotOnRecord


def register(app: typer.Typer) -> None:
    """Add the command."""
    key = typer.Typer(
        help="Make the keys of a service beforehand, and tell which is which.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    app.add_typer(key, name="key")
    _add_make(key)
    _add_fingerprint(key)


def _add_make(key: typer.Typer) -> None:
    @key.command()
    def make(
        file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to make.")],
        as_text: Annotated[
            bool,
            typer.Option("--text", help="Write it as Base64, for what keeps text alone."),
        ] = False,
        as_json: AsJson = False,
    ) -> None:
        """Make a new key in a new file, for TRANSFER_VAULT_KEY_FILE or TRANSFER_IDENTITY_KEY_FILE.

        Prints its fingerprint, which says nothing of the key: note it beside the key's backup. A
        file that is there is never overwritten. Without the vault key a record's names are lost.

        \b
        Examples:
          transfer key make vault-key
          transfer key make identity-key --text
        """
        from deploy.key_files import make_key_file
        from transfer.keys import fingerprint

        try:
            made = fingerprint(make_key_file(file, as_text=as_text))
        except FileExistsError:
            raise Malformed(f"{file} is there already: name a new file", field="FILE") from None
        if as_json:
            say_json({"file": str(file), "fingerprint": made})
        else:
            say(made)


def _add_fingerprint(key: typer.Typer) -> None:
    @key.command()
    def fingerprint(
        file: Annotated[
            Path | None,
            typer.Argument(
                metavar="[FILE]",
                help="The key file [default: the vault key that the settings name, or that of the "
                "data folder].",
            ),
        ] = None,
        data: Data = None,
        as_json: AsJson = False,
    ) -> None:
        """Print the fingerprint of a key: of two files with the same one, the key is the same.

        \b
        Examples:
          transfer key fingerprint vault-key
          transfer key fingerprint --data /srv/transfer
        """
        from deploy.key_files import KeyFile
        from transfer.app import folder_of_keys, vault_key
        from transfer.keys import fingerprint as fingerprint_of

        if file is not None:
            # Such as the service's own, told by root.
            secret = KeyFile(file.absolute(), "FILE").read(of_any_owner=True)
            place = str(file)
        else:
            found, place = vault_key(folder_of_keys(settings_for(data)))
            if found is None:
                raise NotOnRecord(f"there is no vault key in {place}")
            secret = found
        if as_json:
            say_json({"file": place, "fingerprint": fingerprint_of(secret)})
        else:
            say(fingerprint_of(secret))
