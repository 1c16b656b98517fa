"""The models as configured, scored on the bundled gold: an asset and a gate of their own, for before a release."""

import dagster as dg

from aegis_pipeline import gates
from aegis_pipeline.benchmarks.gold import GOLD_NOTES, baseline, score_on_gold
from aegis_pipeline.defs.checks import blocking, result_of
from aegis_pipeline.defs.pools import GPU
from aegis_pipeline.defs.resources import (
    DocumentLakeResource,
    EncoderResource,
    GateResource,
    GpuDeviceResource,
    NerModelResource,
    ReadingResource,
    RelationExtractorResource,
)
from aegis_pipeline.pipeline.extraction import ThreePhaseExtractor, token_limit

_QUALITY = "quality"


@dg.asset(group_name="quality", kinds={"python"}, pool=GPU)
def model_quality(
    document_lake: DocumentLakeResource,
    reading: ReadingResource,
    ner_model: NerModelResource,
    encoder: EncoderResource,
    relation_extractor: RelationExtractorResource,
    gpu_device: GpuDeviceResource,
) -> dg.MaterializeResult[None]:
    """F1 of mentions, identity and relations on the bundled samples, by the models that the settings name."""
    model = encoder.encoder(gpu_device)
    extractor = ThreePhaseExtractor(
        ner_model.extractor(gpu_device),
        relation_extractor.extractor(gpu_device),
        model.count_tokens,
        token_limit(reading.settings, model),
        model.encode,
    )
    found = score_on_gold(extractor)
    document_lake.lake().note(GOLD_NOTES, _QUALITY, found)
    return dg.MaterializeResult(metadata={f"aegis/f1/{name}": f1 for name, f1 in found.items()})


@blocking(model_quality)
def quality_on_gold(
    _context: dg.AssetCheckExecutionContext, document_lake: DocumentLakeResource, gate: GateResource
) -> dg.AssetCheckResult:
    """The models are no worse on the bundled gold than those that come along."""
    found = document_lake.lake().noted(GOLD_NOTES, _QUALITY)
    return result_of(gates.quality_on_gold(found or {}, baseline(), gate.quality_tolerance))
