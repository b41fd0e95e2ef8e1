"""What the measurements were taken on, without when."""

import os
import platform
import sqlite3
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

PACKAGES = ("fastapi", "starlette", "uvicorn", "sqlmodel", "sqlalchemy", "pydantic", "datasette", "roapi")


def describe() -> dict[str, Any]:
    """Cores, memory in GiB, processor, and versions."""
    return {
        "cores": os.cpu_count(),
        "memory": round(psutil.virtual_memory().total / 2**30),
        "processor": _processor(),
        "system": platform.system(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "packages": {name: version(name) for name in PACKAGES},
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())
