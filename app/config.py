"""Settings, read from environment variables that begin with `TIMELINE_`."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.errors import WrongSetting, explain

ROOT = Path(__file__).resolve().parent.parent
"""The project's folder: `migrations/` and `seeds/` stand here, beside `app/`."""
PREFIX = "TIMELINE_"


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix=PREFIX, use_attribute_docstrings=True)

    database_url: str = "sqlite:///timeline.db"
    """SQLAlchemy address of the database; a relative SQLite path is taken from the current folder."""
    statement_seconds: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 1
    """Seconds that the database may work on one statement of an answer; a question that takes longer is refused."""
    cache_megabytes: Annotated[int, Field(ge=0)] = 64
    """Memory for answers in each process, in MiB, about; 0 keeps none."""
    fresh_seconds: Annotated[float, Field(ge=0, le=60, allow_inf_nan=False)] = 0.5
    """Seconds that answers are given from memory before PostgreSQL is asked whether something was published; SQLite is
    looked at after 5 ms."""


def read_settings() -> Settings:
    """The settings of the environment; `WrongSetting` where one of them cannot be used."""
    try:
        return Settings()
    except ValidationError as error:
        faults = error.errors(include_url=False)
        told = [f"{PREFIX}{'_'.join(map(str, each['loc'])).upper()} {explain(each)}" for each in faults]
        raise WrongSetting("; ".join(told)) from None
