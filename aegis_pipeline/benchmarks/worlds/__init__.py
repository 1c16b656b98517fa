"""Documents with exact gold about worlds that do not exist: as many as one needs, and nobody trained on them."""

from aegis_pipeline.benchmarks.worlds.scenarios import SCALES, SCENARIOS, Scenario, documents_of, scenario_named

__all__ = ["SCALES", "SCENARIOS", "Scenario", "documents_of", "scenario_named"]
