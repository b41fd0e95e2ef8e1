"""Query parameters as they come: read into the model of a path at once, and refused with what would be right."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from app.errors import InvalidParameters, ParameterFault, explain, nearest, shown

MOST_PARAMETERS = 100
"""More than any path takes: what comes after them is not looked at one by one."""

Parameters = list[tuple[str, str]]
Model = TypeVar("Model", bound=BaseModel)


def read(model: type[Model], parameters: Parameters) -> Model:
    """The model of a path; `InvalidParameters` names all that are repeated, or else all that are wrong or unknown."""
    given = dict(parameters)
    if len(given) != len(parameters) or len(given) > MOST_PARAMETERS:
        _refuse_repetition(parameters)
    try:
        return model.model_validate(given)
    except ValidationError as error:
        known = fields(model)
        faults = [_fault(dict(each), list(known)) for each in error.errors(include_url=False)]
        raise InvalidParameters(faults) from error


def fields(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """The parameters that a model takes, by the names that they have in a question."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _refuse_repetition(parameters: Parameters) -> None:
    """A parameter given twice has no meaning here: several values stand in one, with commas."""
    names = Counter(name for name, _ in parameters)
    detail = "is given more than once; write several values with commas between them"
    faults = [ParameterFault(_bare(name), detail) for name, count in names.items() if count > 1]
    if not faults:
        detail = f"is one of {len(names)} parameters; at most {MOST_PARAMETERS} are read"
        faults = [ParameterFault(_bare(list(names)[MOST_PARAMETERS]), detail)]
    raise InvalidParameters(faults[:MOST_PARAMETERS])


def _fault(error: Mapping[str, Any], known: list[str]) -> ParameterFault:
    """A Pydantic error: its location is the parameter, and the place in a list."""
    name = str(error["loc"][0])
    if error["type"] != "extra_forbidden":
        return ParameterFault(name, explain(error))
    listed = f"it takes {', '.join(known)}" if known else "it takes no parameters"
    return ParameterFault(_bare(name), f"is not a parameter of this path{nearest(name, known)}; {listed}")


def _bare(name: str) -> str:
    return shown(name).strip("'")
