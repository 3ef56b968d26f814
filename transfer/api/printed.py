"""Answers on paper, at an address that ends in `.pdf`, or in `.zip` for many."""

from collections.abc import Mapping

from fastapi import Response

from transfer.api.http.openapi import Documented, problems
from transfer.printing.pdf import pdf


class Pdf(Response):
    """A document to print, which a screen reader can read."""

    media_type = "application/pdf"


class Zip(Response):
    """Many documents in one file."""

    media_type = "application/zip"


def as_pdf(*refused_as: str) -> Documented:
    """The documentation of a read that answers a document."""
    return _as(Pdf, "The document, as PDF/UA-1", *refused_as)


def as_zip(*refused_as: str) -> Documented:
    """The documentation of a read that answers many documents."""
    return _as(Zip, "A ZIP of documents, each PDF/UA-1", *refused_as)


def _as(kind: type[Response], says: str, *refused_as: str) -> Documented:
    content = {str(kind.media_type): {"schema": {"type": "string", "format": "binary"}}}
    return Documented(
        status_code=200,
        response_model=None,
        responses={
            200: {"description": says, "content": content},
            **problems("malformed", "unavailable", "refused", *refused_as),
        },
        openapi_extra={},
    )


def printed(template: str, values: Mapping[str, object], *, file: str) -> Response:
    """The document of a template and its values. Raises `Refused` as `transfer.printing.pdf`."""
    headers = {"Content-Disposition": f'inline; filename="{file}.pdf"'}
    return Pdf(pdf(template, values), headers=headers)
