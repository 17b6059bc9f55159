"""Schemathesis sends what the description allows, and what it forbids: answers are as described."""

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from django.utils import translation
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import (
    content_type_conformance,
    negative_data_rejection,
    not_a_server_error,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.core.parameters import ParameterLocation

from guanxi.surfaces.api.schema import Generator
from guanxi.surfaces.api.tests.shapes import CHANGES, existing, new_values

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
#: How many requests of each kind an operation gets.
EXAMPLES = {GenerationMode.POSITIVE: 6, GenerationMode.NEGATIVE: 6}
#: They end or narrow the very caller that the test uses.
LEFT_OUT = {"users_end_sessions", "users_deactivate", "users_archive", "users_delete"}


@pytest.fixture
def operations():
    """Every operation of the description, sent into the application by an administrator."""
    with translation.override("en"):
        description = Generator(with_custom=False).get_schema()
    schema = schemathesis.openapi.from_dict(description)
    schema.app = get_wsgi_application()
    found = [result.ok() for result in schema.get_all_operations()]
    return [op for op in found if op.definition.raw["operationId"] not in LEFT_OUT]


def known_ids(caller, company):
    """An id of each type that exists, so that not every request ends in 404."""
    ids = {
        plural: existing(company, plural)
        for plural in CHANGES
        if plural not in {"tags", "custom-fields", "roles"}
    }
    for plural in ("tags", "custom-fields"):
        ids[plural] = caller.post(f"{plural}/", new_values(company, plural)).json()["id"]
    for plural in ("roles", "events"):
        ids[plural] = caller.get(f"{plural}/").json()["results"][0]["id"]
    view = {"type": "customers", "name": "x"}
    return ids | {"views": caller.post("views/", view).json()["id"]}


def is_path_sound(case):
    """Whether what is wrong with a case, if anything, is not its path."""
    part = case.meta.components.get(ParameterLocation.PATH)
    return part is not None and part.mode is GenerationMode.POSITIVE


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("mode", list(EXAMPLES), ids=lambda mode: mode.value)
def test_every_operation_answers_as_described(callers, operations, mode):
    caller = callers("administrator")
    ids = known_ids(caller, callers.company)
    bearer = {"Authorization": caller.headers["Authorization"], "Accept-Language": "en"}
    checks = CHECKS + ([negative_data_rejection] if mode is GenerationMode.NEGATIVE else [])

    def run(operation):
        plural = operation.path.removeprefix("/api/v1/").partition("/")[0]

        @seed(1)
        @settings(
            max_examples=EXAMPLES[mode],
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode), is_known=st.booleans())
        def send(case, is_known):
            if is_known and plural in ids and is_path_sound(case):
                case.path_parameters["id"] = ids[plural]
            response = case.call(headers=bearer)
            case.validate_response(response, checks=checks, headers=bearer)

        send()

    for operation in operations:
        run(operation)
