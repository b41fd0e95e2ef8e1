"""`/docs`: Swagger UI from our own files, under a policy that lets it reach nothing but this server."""

from http import HTTPStatus
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse, RedirectResponse
from starlette.exceptions import HTTPException

WEB = Path(__file__).resolve().parent.parent / "web"

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

ASSETS = {
    "docs.js": WEB / "docs.js",
    "docs.css": WEB / "docs.css",
    "swagger-ui.css": WEB / "swagger-ui" / "swagger-ui.css",
    "swagger-ui-bundle.js": WEB / "swagger-ui" / "swagger-ui-bundle.js",
    "favicon-32x32.png": WEB / "swagger-ui" / "favicon-32x32.png",
}

router = APIRouter(include_in_schema=False)


@router.get("/")
async def lead_to_docs() -> RedirectResponse:
    return RedirectResponse("docs")


@router.get("/docs")
async def show_docs() -> FileResponse:
    return FileResponse(WEB / "docs.html", headers={"Content-Security-Policy": POLICY})


@router.get("/docs/assets/{name}")
async def show_asset(name: str) -> FileResponse:
    if name not in ASSETS:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return FileResponse(ASSETS[name], headers={"Cache-Control": "public, max-age=3600"})
