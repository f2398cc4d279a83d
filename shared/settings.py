"""Every setting, from the environment (or a `.env` file) and nowhere else. docs/settings.md is checked against it."""

from __future__ import annotations

from functools import cache
from typing import Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.errors import KapitolaError


class SettingsError(KapitolaError):
    """A setting's value makes no sense."""

    code = "settings"


class Settings(BaseSettings):
    """`KAPITOLA_` and the name in capitals is the variable; the two of OpenAI keep the names that everybody uses."""

    model_config = SettingsConfigDict(env_prefix="KAPITOLA_", env_file=".env", extra="ignore", populate_by_name=True)

    redis_url: str = Field("redis://127.0.0.1:6379/0", description="Where Redis is: redis://, rediss:// or unix://.")
    redis_open: bool = Field(
        False, description="Allow a Redis that is neither on this machine nor guarded by a password."
    )
    redis_memory_only: bool = Field(
        False, description="Allow a Redis that writes no log: a restart of it forgets every lecture."
    )

    openai_api_key: SecretStr | None = Field(
        None, validation_alias="OPENAI_API_KEY", description="The key of the model's server."
    )
    openai_base_url: str | None = Field(
        None, validation_alias="OPENAI_BASE_URL", description="Any OpenAI-compatible server, up to and with its /v1."
    )
    model: str = Field("", description="The model's name; `offline` for the built-in one.")
    models: str = Field("", description="Several models: a JSON list of them, or the path of a TOML file.")
    reasoning: Literal["", "minimal", "low", "medium", "high"] = Field(
        "", description="How much a model that thinks before it answers may think; not set: as much as it likes."
    )
    economy: bool = Field(False, description="Ask for the flex tier, at half the price, where the server has it.")
    prices: str = Field("", description="A price table of your own, instead of shared/prices.toml.")
    only_local_models: bool = Field(False, description="Refuse to call any model that is not on this machine.")
    requests_per_minute: int | None = Field(None, gt=0, description="Requests a minute that the server allows.")
    tokens_per_minute: int | None = Field(None, gt=0, description="Tokens a minute that the server allows.")
    calls_in_flight: int | None = Field(
        None,
        gt=0,
        description="The most calls under way at once, over all workers. Not set: 64, or 4 for a server at the port "
        "of Ollama, llama.cpp or LM Studio, which answer few at once.",
    )
    model_deadline: int = Field(300, gt=0, description="Seconds that one call to the model may take in all.")
    reply_bytes: int = Field(4_000_000, gt=0, description="The longest reply that is read, in bytes.")
    reply_cache_days: float = Field(30.0, ge=0, description="How long a reply is kept for the same prompt; 0 for not.")
    reply_cache_bytes: int = Field(
        256_000_000,
        ge=0,
        description="The most bytes of replies that are kept: what was used longest ago goes.",
    )
    reply_cache_shared: bool = Field(
        False, description="Give what one API client paid for to all. Each learns only of its own otherwise."
    )

    chunk_tokens: int = Field(3000, gt=100, description="About how many tokens of transcript go into one prompt.")
    context_cues: int = Field(5, ge=0, description="How many cues before a chunk go along as context.")
    attempts: int = Field(3, gt=0, description="How often a chunk may kill its worker or fail before it is given up.")
    client_works: int = Field(
        0, ge=0, description="The most chunks of one client under way at once; 0 for as many as there is room for."
    )
    lease_seconds: float = Field(10.0, gt=1, description="How long a worker's claim lasts unless it is renewed.")
    keep_days: float = Field(7.0, gt=0, description="How long a lecture and its outline are kept.")

    upload_bytes: int = Field(200_000_000, gt=0, description="The largest request that the API reads, in bytes.")
    json_bytes: int = Field(50_000_000, gt=0, description="The largest JSON body that the API reads, in bytes.")
    transcript_bytes: int = Field(20_000_000, gt=0, description="The largest single transcript, in bytes.")

    access: Literal["local", "keys", "open"] = Field(
        "local",
        description="Who may use the API without a key. `local`: programs on this machine, until there is a key; "
        "`keys`: nobody; `open`: whoever reaches it. See docs/clients.md.",
    )
    client_requests_per_second: float = Field(
        100.0, gt=0, description="Requests a second of one client that the API answers for long."
    )
    client_burst: int = Field(1_000, gt=0, description="Requests of one client that it answers at once.")
    client_streams: int = Field(
        200, gt=0, description="Event streams of one client that an API process keeps open at once."
    )
    client_lectures_per_day: int = Field(
        10_000, gt=0, description="Lectures that one client may hand in within 24 hours."
    )
    client_bytes_per_day: int = Field(
        5_000_000_000, gt=0, description="Bytes of transcripts that one client may hand in within 24 hours."
    )

    webhook_hosts: str = Field(
        "",
        description="Hosts that webhooks may go to, with commas: names, `*.example.org`, `*` for any public one; "
        "addresses or networks (`10.1.2.0/24`) for private ones. Empty: no webhooks. See docs/webhooks.md.",
    )

    @field_validator("openai_api_key", "openai_base_url", mode="before")
    @classmethod
    def _empty_is_unset(cls, value: object) -> object:
        """Compose files pass unset variables on as empty strings."""
        return value or None

    @property
    def is_offline(self) -> bool:
        """Whether the built-in model answers: asked for by name, or because no other was named."""
        named = self.openai_api_key or self.openai_base_url or self.models
        return self.model == "offline" or not named

    @property
    def broker_url(self) -> str:
        """`redis_url` as Celery spells it."""
        return self.redis_url.replace("unix://", "redis+socket://", 1)


@cache
def settings() -> Settings:
    """The process's settings, read once when first asked for, never at import.

    Raises SettingsError, which names each variable that makes no sense, and never what it holds: it may be a key.
    """
    try:
        return Settings()
    except ValidationError as error:
        wrong = {str(fault["loc"][0]): fault["msg"] for fault in error.errors(include_input=False)}
        told = "; ".join(f"{_variable(name)}: {message}" for name, message in wrong.items())
        raise SettingsError(f"{told}. Set it anew, or leave it out (docs/settings.md).") from None


def _variable(name: str) -> str:
    return f"KAPITOLA_{name.upper()}" if name in Settings.model_fields else name
