"""The application as a whole."""

import asyncio
import gc

from app.main import create_app


def test_a_server_that_is_up_collects_garbage_but_not_what_it_was_made_of() -> None:
    app = create_app()

    async def run() -> tuple[bool, int]:
        async with app.router.lifespan_context(app):
            return gc.isenabled(), gc.get_freeze_count()

    gc.disable()
    try:
        enabled, frozen = asyncio.run(run())
        assert enabled
        assert frozen > 10_000
        assert gc.get_freeze_count() < frozen
    finally:
        gc.enable()
