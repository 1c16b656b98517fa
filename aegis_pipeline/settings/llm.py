"""Settings of LLMs: relations by one, their servers, the legacy arm."""

from pydantic import BaseModel, Field, SecretStr

from aegis_pipeline.settings.choices import LegacyServer, RelationFallback


class LlmSettings(BaseModel):
    """Relations by an LLM, the servers, and the legacy arm."""

    relation_model: str = Field(
        "gemma3:4b", description="Model of RELATION_BACKEND=ollama or openai, and of `aegis query --answer`."
    )
    relation_call_tokens: int = Field(
        8_000, ge=500, description="Tokens of documents in one call, as estimated: short documents share it."
    )
    relation_answer_tokens: int = Field(12_288, ge=64, description="Tokens that one answer may have.")
    relation_timeout_seconds: float = Field(
        600, gt=0, description="Longest silence of the server; with few calls at once in it, others wait in line."
    )
    relation_retry_attempts: int = Field(3, ge=1, le=10, description="Attempts of a call, the first included.")
    relation_retry_multiplier: float = Field(1, ge=0, description="Waits are this many seconds, doubled each time, …")
    relation_retry_min_seconds: float = Field(2, ge=0, description="… but at least so many …")
    relation_retry_max_seconds: float = Field(10, ge=0, description="… and at most so many.")
    relation_fallback: RelationFallback = Field(
        RelationFallback.EMBEDDED,
        description="What reads the documents that the LLM lost: embedded (the reader), or none: entities only.",
    )

    # The LLM's server, of RELATION_BACKEND or of the legacy arm
    ollama_host: str = Field("http://127.0.0.1:11434", description="Address of the Ollama server.")
    openai_base_url: str = Field(
        "http://127.0.0.1:8000/v1", description="Address of the server with OpenAI's protocol."
    )
    openai_api_key: SecretStr | None = Field(None, description="Its key, where it wants one.")

    # The legacy arm
    legacy_server: LegacyServer = Field(
        LegacyServer.OLLAMA,
        description="Server of the legacy arm: ollama, or openai: any that speaks OpenAI's protocol.",
    )
    legacy_model: str = Field("llama3.2:3b", description="Model of the legacy arm, as its server calls it.")
    legacy_answer_tokens: int = Field(
        4096, ge=16, description="Tokens that an answer of the legacy arm's model may have."
    )
    legacy_timeout_seconds: int = Field(240, ge=1, description="Time limit of an answer of the legacy arm's model.")
