"""Answers on paper, at an address that ends in `.pdf`."""

from collections.abc import Mapping

from fastapi import Response

from transfer.api.http.openapi import Documented, problems
from transfer.printing.pdf import pdf


class Pdf(Response):
    """A document to print, which a screen reader can read."""

    media_type = "application/pdf"


def as_pdf(*refused_as: str) -> Documented:
    """The documentation of a read that answers a document."""
    content = {Pdf.media_type: {"schema": {"type": "string", "format": "binary"}}}
    return Documented(
        status_code=200,
        response_model=None,
        responses={
            200: {"description": "The document, as PDF/UA-1", "content": content},
            **problems("malformed", "unavailable", "refused", *refused_as),
        },
        openapi_extra={},
    )


def printed(template: str, values: Mapping[str, object], *, file: str) -> Response:
    """The document of a template and its values. Raises `Refused` as `transfer.printing.pdf`."""
    headers = {"Content-Disposition": f'inline; filename="{file}.pdf"'}
    return Pdf(pdf(template, values), headers=headers)
