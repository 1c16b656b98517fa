"""An LLM on a server: its prompts, its clients, how its calls fail and when they are made again."""

from aegis_pipeline.llm.clients import LLMClient, Reply
from aegis_pipeline.llm.connect import check_model, llm_client
from aegis_pipeline.llm.faults import CallFailed, Fault
from aegis_pipeline.llm.prompt import Prompt

__all__ = ["CallFailed", "Fault", "LLMClient", "Prompt", "Reply", "check_model", "llm_client"]
