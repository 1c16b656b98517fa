"""Relations by an LLM on a server: Ollama's, or one with OpenAI's protocol."""

from aegis_pipeline.relations.llm.extractor import LLMRelationExtractor
from aegis_pipeline.relations.llm.factory import build_llm_extractor, check_llm

__all__ = ["LLMRelationExtractor", "build_llm_extractor", "check_llm"]
