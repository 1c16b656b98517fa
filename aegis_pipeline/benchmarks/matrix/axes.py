"""The two sides of the matrix, by name."""

from aegis_pipeline.benchmarks.matrix.variants import VARIANTS
from aegis_pipeline.benchmarks.worlds import SCENARIOS

GOLD = "gold"
"""The scenario of the user's own labelled documents."""

VARIANT_NAMES = tuple(VARIANTS)
SCENARIO_NAMES = (*SCENARIOS, GOLD)
USUAL = tuple(name for name in SCENARIOS if not name.startswith("scale_"))
"""The scenarios that are measured where none is named: without the growth curve, which takes hours."""
