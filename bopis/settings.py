"""What an installation may choose. Read once, at start-up; a bad value stops the process."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field, FilePath, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bopis.kernel.clock import Clock, ScaledClock, machine_clock


class Settings(BaseSettings):
    """From ``DATABASE_URL`` and ``BOPIS_*``. Each package has its own; none reads another's."""

    model_config = SettingsConfigDict(env_prefix="BOPIS_", frozen=True)

    database_url: SecretStr = Field(validation_alias="DATABASE_URL")
    link_keys: list[Annotated[SecretStr, Field(min_length=16)]] = Field(min_length=1)
    """Sign the links we send, and hash badges: a JSON list, newest first. Older ones still open."""
    base_url: str = "http://localhost:8000"
    """Under which shoppers reach us. Never taken from a request."""
    clock: str = ""
    """A virtual store clock, ``origin@since*speed``; empty: the real one."""
    credit_policy: FilePath | None = None
    """What shoppers are credited when we break our word, a TOML file; none: the one shipped."""
    pool_size: int = Field(default=8, ge=2, le=16)
    drain_within: timedelta = timedelta(seconds=2)
    """How long open requests get when the process is asked to stop."""

    @field_validator("clock")
    @classmethod
    def _readable(cls, value: str) -> str:
        if value:
            ScaledClock.parse(value)
        return value

    @field_validator("base_url")
    @classmethod
    def _bare(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        return value.rstrip("/")

    @property
    def store_clock(self) -> Clock:
        return ScaledClock.parse(self.clock) if self.clock else machine_clock
