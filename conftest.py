"""What every room's tests may use."""

pytest_plugins = ["aegis_pipeline_tests.servers.fixtures", "aegis_pipeline_tests.servers.ollama"]
