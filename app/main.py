"""The application: routers, errors and middleware, wired together."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cached_property

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api import (
    actors,
    changes,
    citations,
    claims,
    datasets,
    docs,
    events,
    figures,
    history,
    openapi,
    operations,
    places,
    problems,
    sources,
)
from app.api.answers import VERSION
from app.api.cache import Cache
from app.api.cors import OpenToAll
from app.api.flights import Flights
from app.api.head import HeadAsGet
from app.api.memory import Memory
from app.api.state import States
from app.config import Settings, read_settings
from app.reader import Reader

ROUTERS = (events, figures, claims, citations, actors, places, sources, datasets, history, changes, operations, docs)


class Timeline(FastAPI):
    """Answers from memory before the framework does anything, which takes a hundred times as long."""

    @cached_property
    def _front(self) -> ASGIApp:
        return HeadAsGet(Cache(super().__call__, self.state.states, self.state.memory))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._front(scope, receive, send)


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application over the database that the settings name; it opens the database at the first question."""
    settings = settings or read_settings()
    reader = Reader(settings.database_url, settings.statement_seconds)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        # All that is there now stays for as long as the server: it is never looked through for garbage, which would
        # hold up an answer for as long as fifty others take. The command starts without a collector.
        gc.freeze()
        gc.enable()
        yield
        gc.unfreeze()
        reader.close()

    app = Timeline(
        title="Event Timeline",
        version=VERSION,
        description=openapi.DESCRIPTION,
        openapi_tags=openapi.TAGS,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
    )
    app.state.reader = reader
    app.state.states = States(reader, settings.fresh_seconds)
    app.state.flights = Flights()
    app.state.memory = Memory(settings.cache_megabytes * 1024 * 1024)
    for module in ROUTERS:
        # As they are: `include_router` would make each route a second time, and look for it twice.
        app.router.routes.extend(module.router.routes)
    openapi.install(app)
    problems.install(app)
    app.add_middleware(problems.CatchAll)
    app.add_middleware(OpenToAll)
    return app


app = create_app()
