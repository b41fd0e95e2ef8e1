"""Routes whose endpoints are called with the path's ids and the query's model, and answer with a response.

FastAPI describes them, and finds them. It would ask for the parameters field by field, through exit stacks and
dependencies that nothing here has, which took longer than the database did.
"""

from http import HTTPStatus
from typing import Any

from fastapi import Request
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from app.api import parameters, question


class Route(APIRoute):
    """Endpoints are `async`, and take `request`, ids of the path, and `Annotated[Model, Query()]`: all of it, or less.

    They return a `Response`; what the answer looks like is only described, by `response_model`.
    """

    def __init__(self, path: str, endpoint: Any, **options: Any) -> None:
        super().__init__(path, endpoint, **options)
        (query,) = self.dependant.query_params
        model = query.field_info.annotation
        assert isinstance(model, type)
        assert issubclass(model, BaseModel)
        self.query_name: str = query.name
        self.query_model: type[BaseModel] = model
        self._request_name = self.dependant.request_param_name

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] not in (self.methods or ()):
            raise HTTPException(HTTPStatus.METHOD_NOT_ALLOWED)
        values: dict[str, Any] = {
            **scope["path_params"],
            self.query_name: parameters.read(self.query_model, question.of(scope).parameters),
        }
        if self._request_name is not None:
            values[self._request_name] = Request(scope, receive, send)
        response = await self.endpoint(**values)
        await response(scope, receive, send)
