from aegis_pipeline_tests.reader.conftest import backbone, tokenizer

__all__ = ["backbone", "tokenizer"]
