"""How messages leave the building."""

from datetime import timedelta
from typing import Literal, Self

from pydantic import EmailStr, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class NotificationSettings(BaseSettings):
    """Read once, at start-up, from NOTIFICATIONS_* variables; a bad value stops the process.

    Durations are ``timedelta`` ("PT5S" or seconds), so no name has to carry a unit.
    """

    model_config = SettingsConfigDict(env_prefix="NOTIFICATIONS_", frozen=True)

    smtp_host: str
    smtp_port: int = Field(587, ge=1, le=65_535)
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_username: str | None = None
    smtp_password: SecretStr | None = None
    smtp_timeout: timedelta = timedelta(seconds=10)
    """For each answer of the server, not for the batch."""

    sender: EmailStr
    reply_to: EmailStr | None = None

    batch: int = Field(50, ge=1, le=500)
    batch_within: timedelta = timedelta(seconds=60)
    """What has not been begun by then waits for the next round."""
    retry_for: timedelta = timedelta(minutes=30)
    """After this a message is given up and a person is told: late news is not news."""

    @model_validator(mode="after")
    def _one_try_fits(self) -> Self:
        if self.smtp_timeout >= self.retry_for:
            raise ValueError("smtp_timeout must be shorter than retry_for")
        return self

    @model_validator(mode="after")
    def _no_password_in_the_open(self) -> Self:
        if self.smtp_password is not None and self.smtp_security == "none":
            raise ValueError("smtp_password needs smtp_security starttls or tls")
        if (self.smtp_password is None) != (self.smtp_username is None):
            raise ValueError("smtp_username and smtp_password go together")
        return self
