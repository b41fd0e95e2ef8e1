"""`/openapi.json`: the description of the interface, with real answers of the loaded data as its examples."""

import hashlib
import json
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi

from app.api.cache import ANSWERED_FROM
from app.api.problems import FAILED, MEDIA_TYPE, Problem, problem
from app.api.routes import Route
from app.db import MIGRATE

DESCRIPTION = """\
Curated timelines in which every statement can be traced: to **who made it** (the speaker of a claim), **who printed
it** (the source) and **where in the text** it stands (the locator of a citation).

* A date without `tz` is a day on the clocks of the place where the event happened. `meta.interval` says how the
  question was understood.
* Several values of one filter are separated by commas and mean any of them; different filters all have to hold.
* Lists come in pages: follow `links.next` until it is absent. The union of all pages is the list.
* What cannot be answered is refused with a problem (RFC 9457) that names the parameter. Nothing is ignored.
* Everything is only read, and may be read from any site (CORS). Answers carry an `ETag`.
"""

TAGS: list[dict[str, Any]] = [
    {"name": "events", "description": "What happened, when and where, complete with who says so."},
    {"name": "figures", "description": "Numbers of the same thing side by side, never averaged."},
    {"name": "claims", "description": "Who says what; the speaker is kept apart from the publisher."},
    {"name": "citations", "description": "Which passage of which source supports what."},
    {"name": "actors", "description": "Who takes part in events and makes claims."},
    {"name": "places", "description": "Where events happened, with both names of a contested place."},
    {"name": "sources", "description": "What was published, and which text of it was read."},
    {"name": "datasets", "description": "The collections, their licences, vocabularies and versions."},
    {"name": "changes", "description": "What was recorded here, in order: for mirrors and for those who follow."},
    {"name": "operations", "description": "For those who run the server."},
]

EXAMPLES = {
    "/events": "/events?date=2023-09-20&limit=1",
    "/events/summary": "/events/summary?date=2023-09-20&limit=3",
    "/events/{id}": "/events/ceasefire-takes-effect",
    "/events/{id}/history": "/events/ceasefire-takes-effect/history?limit=1",
    "/events/{id}/figures": "/events/azerbaijan-offensive/figures",
    "/events/{id}/sources": "/events/ceasefire-takes-effect/sources",
    "/figures": "/figures?measure=killed&limit=1",
    "/claims/{event}/{id}": "/claims/ceasefire-takes-effect/troops-to-leave",
    "/claims": "/claims?kind=denial&limit=1",
    "/citations": "/citations?event=ceasefire-takes-effect&limit=1",
    "/actors": "/actors?q=ministry&limit=1",
    "/actors/{id}": "/actors/nikol-pashinyan",
    "/actors/{id}/history": "/actors/nikol-pashinyan/history?limit=1",
    "/places": "/places?q=khankendi&limit=1",
    "/places/{id}": "/places/yevlakh",
    "/places/{id}/history": "/places/yevlakh/history?limit=1",
    "/sources": "/sources?q=ceasefire&limit=1",
    "/sources/{id}": "/sources/tass-1678507",
    "/sources/{id}/history": "/sources/tass-1678507/history?limit=1",
    "/sources/{id}/coverage": "/sources/nowina-2023-09-20/coverage?limit=1",
    "/datasets": "/datasets",
    "/datasets/{id}": "/datasets/karabakh-2023",
    "/datasets/{id}/history": "/datasets/karabakh-2023/history?limit=1",
    "/datasets/{id}/versions": "/datasets/karabakh-2023/versions?limit=1",
    "/datasets/{id}/export": "/datasets/karabakh-2023/export?version=1",
    "/changes": "/changes?since=1&limit=1",
    "/live": "/live",
    "/ready": "/ready",
    "/version": "/version",
}
"""The question whose answer is shown as the example of each path."""

_FIELDS = {
    "/events": "title,time",
    "/claims": "text,speaker",
    "/citations": "source,locator",
    "/actors": "name,kind",
    "/places": "name,latitude,longitude",
    "/sources": "title,publisher",
    "/datasets": "title,licence",
}
"""Members that are worth asking for alone, by collection."""

_LAST = ("sort", "limit", "cursor", "fields", "format")
"""Parameters that many paths have stand after those that tell a path from the others."""

_REFUSALS = {
    "308": problem(HTTPStatus.PERMANENT_REDIRECT, "the event of-earlier was merged into ceasefire-takes-effect"),
    "410": problem(
        HTTPStatus.GONE,
        "the event no-longer-there was withdrawn; its tombstone says why",
        tombstone={
            "kind": "event",
            "id": "no-longer-there",
            "action": "withdrawn",
            "reason": "No source tells of it.",
            "merged_into": None,
            "recorded_at": "2026-01-02T03:04:05Z",
            "seq": 123,
        },
    ),
    "500": problem(HTTPStatus.INTERNAL_SERVER_ERROR, FAILED),
    "503": problem(HTTPStatus.SERVICE_UNAVAILABLE, f"the database is empty; {MIGRATE}"),
}
"""Refusals that cannot be had by asking."""

_ETAG = {"ETag": {"description": "Weak validator for `If-None-Match`.", "schema": {"type": "string"}}}
_UNLINKED = ("/events/summary", "/datasets/{id}/export")
_LINK = {"Link": {"description": "`self` and `next` (RFC 8288), as in `links`.", "schema": {"type": "string"}}}


def _refusal(status: int, description: str) -> dict[int | str, dict[str, Any]]:
    # FastAPI would make the model's schema anew for each status of each path: a quarter of a server's start.
    schema = {"$ref": f"#/components/schemas/{Problem.__name__}"}
    return {status: {"description": description, "content": {"application/json": {"schema": schema}}}}


RESPONSES: dict[int | str, dict[str, Any]] = {
    # With the model, so that the schema is there.
    422: {
        "description": "A parameter is unknown, repeated, malformed, out of range or contradicts another.",
        "model": Problem,
    },
    **_refusal(500, "Something failed that should not have."),
    **_refusal(503, "The database cannot be read now, or this takes it too long; the detail says what to do."),
}
UNKNOWN = _refusal(404, "No resource has this id, and none ever had.")
MISSING: dict[int | str, dict[str, Any]] = {
    **_refusal(308, "The resource was merged into another one; `Location` leads to it."),
    **UNKNOWN,
    **_refusal(410, "The resource was withdrawn; `tombstone` says when and why."),
}


def router_of(*tags: str) -> APIRouter:
    """A router whose paths are described with what all paths share."""
    return APIRouter(
        tags=list(tags),
        route_class=Route,
        responses=RESPONSES,
        generate_unique_id_function=lambda route: route.name,
    )


def install(app: FastAPI) -> None:
    """Serve the description at `/openapi.json`; examples are asked for once per state of the data."""
    examples: dict[int, str] = {}

    async def show_openapi(request: Request) -> Response:
        snapshot = await app.state.states.current()
        if snapshot is None:
            return _response(json.dumps(app.openapi(), ensure_ascii=False))
        if snapshot.state not in examples:
            # Its HTTP client takes a fifth of a server's start to import, and only those who read this need it.
            from app.api.examples import add_examples

            described = json.loads(json.dumps(app.openapi()))
            await add_examples(app, described)
            examples.clear()
            examples[snapshot.state] = json.dumps(described, ensure_ascii=False)
        setattr(request.state, ANSWERED_FROM, snapshot)
        return _response(examples[snapshot.state])

    app.add_api_route("/openapi.json", show_openapi, include_in_schema=False)
    app.openapi = lambda: _described(app)  # type: ignore[method-assign]


def _response(content: str) -> Response:
    tag = hashlib.sha256(content.encode()).hexdigest()[:24]
    headers = {"ETag": f'W/"{tag}"', "Cache-Control": "public, no-cache"}
    return Response(content, media_type="application/json", headers=headers)


def _described(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema is None:
        schema = get_openapi(
            title=app.title,
            version=app.version,
            description=app.description,
            routes=app.routes,
            tags=app.openapi_tags,
            license_info={"name": "MIT", "identifier": "MIT"},
        )
        for path, operations in schema["paths"].items():
            _describe(path, operations["get"])
        app.openapi_schema = schema
    return app.openapi_schema


def _describe(path: str, operation: dict[str, Any]) -> None:
    operation.get("parameters", []).sort(key=lambda each: _LAST.index(each["name"]) if each["name"] in _LAST else -1)
    for parameter in operation.get("parameters", []):
        _describe_parameter(path, parameter)
    for status, response in operation["responses"].items():
        if status == "200":
            response["description"] = "The answer."
        else:
            response["content"] = {MEDIA_TYPE: response["content"]["application/json"]}
            if status in _REFUSALS:
                response["content"][MEDIA_TYPE]["example"] = json.loads(bytes(_REFUSALS[status].body))
    if "operations" not in operation["tags"]:
        link = {} if path in _UNLINKED else _LINK
        operation["responses"]["200"]["headers"] = _ETAG | link
        unchanged = "The answer with the `ETag` that `If-None-Match` names still holds; there is no body."
        operation["responses"]["304"] = {"description": unchanged, "headers": _ETAG}


def _describe_parameter(path: str, parameter: dict[str, Any]) -> None:
    """Examples go into the description: Swagger UI shows those of a schema nowhere, and sends all others at once."""
    if parameter["in"] == "path":
        parameter["description"] = "The event's id." if parameter["name"] == "event" else "The id of the resource."
        parameter["example"] = _path_value(path, parameter["name"])
        return
    schema = parameter["schema"]
    schema.pop("title", None)
    kinds = [kind for kind in schema.pop("anyOf", []) if kind != {"type": "null"}]
    for kind in kinds:
        schema.update(kind)
    if parameter["name"] in ("bbox", "near"):
        _as_number_list(schema)
    if schema["type"] == "array":
        parameter.update(style="form", explode=False)
    if parameter["name"] == "fields":
        schema["examples"] = [_FIELDS[path.partition("/{")[0]]]
    shown = schema.pop("examples", None)
    if shown:
        parameter["description"] += f" Example: `{shown[0]}`."
        schema["examples"] = [_typed(schema, shown[0])]
    schema.pop("description", None)
    if (path, parameter["name"]) == ("/events", "date"):
        parameter["example"] = "2023-09-20"


def _path_value(path: str, name: str) -> str:
    """What stands in the example of a path where its template has this name."""
    steps = zip(path.split("/"), EXAMPLES[path].partition("?")[0].split("/"), strict=True)
    return next(value for step, value in steps if step == f"{{{name}}}")


def _as_number_list(schema: dict[str, Any]) -> None:
    items = schema.pop("prefixItems")
    schema["items"] = items[0]


def _typed(schema: dict[str, Any], example: Any) -> Any:
    """An example as the schema has it: `a,b` is how an array of two is written in an address."""
    if schema["type"] != "array":
        return example
    values = str(example).split(",")
    return [float(value) for value in values] if schema["items"].get("type") == "number" else values
