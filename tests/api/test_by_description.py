"""Whatever the description of the API allows, no route fails, and none answers what it leaves out.

Every route is asked what its description lets a client ask, and some of what it does not; each
answer must be one that is described: its status, its type, its headers and its shape.
"""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.support.asking import Api
from tests.support.describing import description, operations
from transfer.kinds import KNOWN

pytestmark = [
    pytest.mark.engines,
    pytest.mark.thorough,
    # The service's pool of connections draws a number by `random` when it opens one, in another
    # thread. Hypothesis takes that for the strategy's doing, if it is drawing a case just then.
    pytest.mark.filterwarnings("ignore:Do not use the `random` module inside strategies"),
]

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = 8
EXAMPLES_OF_A_KIND = 3
"""The routes of each kind of procedure are made of its declaration, by the same few functions:
together they are asked far more often than any route that was written by itself."""
OF_KINDS = tuple(f"/v1/procedures/{kind.name}" for kind in KNOWN.kinds)
OPERATIONS = [(method, path) for method, path in operations() if path.startswith("/v1")]


@pytest.fixture(scope="module")
def schema(shared: Api) -> Any:
    """What schemathesis makes of the description, over a record with one person on it."""
    loaded = schemathesis.openapi.from_dict(description())
    loaded.app = shared.client.app
    return loaded


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_every_answer_is_one_that_is_described(
    shared: Api, schema: Any, method: str, path: str
) -> None:
    operation = schema[path][method.upper()]
    strategies = [operation.as_strategy(generation_mode=mode) for mode in GenerationMode]

    @settings(
        max_examples=EXAMPLES_OF_A_KIND if path.startswith(OF_KINDS) else EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.one_of(strategies), st.booleans())
    def ask(case: Any, somebody: bool) -> None:
        if somebody and "staff_number" in (case.path_parameters or {}):
            case.path_parameters["staff_number"] = "S1"
        response = case.call(headers={"Authorization": f"Bearer {shared.token}"})
        case.validate_response(response, checks=CHECKS)

    ask()


def test_everything_that_is_described_is_asked() -> None:
    paths = description()["paths"]
    described = [(method, path) for path, methods in paths.items() for method in methods]
    assert sorted(operations()) == sorted(described)


def test_an_answer_that_is_not_described_is_noticed(shared: Api) -> None:
    less = description()
    del less["paths"]["/v1/deadlines"]["get"]["responses"]["200"]
    loaded = schemathesis.openapi.from_dict(less)
    loaded.app = shared.client.app
    case = loaded["/v1/deadlines"]["GET"].Case()
    response = case.call(headers={"Authorization": f"Bearer {shared.token}"})
    with pytest.raises(BaseExceptionGroup, match="Undocumented status code"):
        case.validate_response(response, checks=CHECKS)
