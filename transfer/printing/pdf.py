"""From a template and its values to a PDF that a screen reader can read (PDF/UA-1).

A template is a file of `templates/`, in the language of Typst, and reads its values by
`#import "values.typ": values`. Values are data to it and never markup. The same values make the
same bytes: nothing of the machine, its fonts or its clock goes into a document.
"""

import json
import re
from collections.abc import Mapping
from importlib.resources import as_file, files
from typing import Final

import typst

from transfer.core.refusals import Refused

_STANDARD: Final = "ua-1"
_NO_GLYPH: Final = re.compile(r"the text `\"?(.*?)\"?` could not be displayed")


def pdf(template: str, values: Mapping[str, object]) -> bytes:
    """The document that a template makes of these values (JSON's kinds of value).

    `template` is a file's name in `templates/`. Raises `Refused` where the document would show a
    character that no font at hand has: a letter that lacks part of a name must not go out.
    """
    with as_file(files("transfer.printing").joinpath("templates")) as folder:
        try:
            return typst.compile(
                folder / template,
                root=folder,
                ignore_system_fonts=True,
                sys_inputs={"values": json.dumps(values)},
                pdf_standards=[_STANDARD],
                timestamp=0,
            )
        except typst.TypstError as error:
            lacking = _NO_GLYPH.search(error.message)
            if lacking is None:
                raise
            raise Refused(f"it cannot be printed: no font here has {lacking[1]}") from error
