"""What each model takes of a GPU, measured on the card that is here and held against the table of costs."""

from aegis_pipeline.benchmarks.gpu_profile.meter import CudaMeter, Meter
from aegis_pipeline.benchmarks.gpu_profile.pipeline import PipelinePeak, generated_documents, pipeline_peak
from aegis_pipeline.benchmarks.gpu_profile.profiling import Leak, Measured, leak_of, measured
from aegis_pipeline.benchmarks.gpu_profile.workloads import WORKLOADS, Workload

__all__ = [
    "WORKLOADS",
    "CudaMeter",
    "Leak",
    "Measured",
    "Meter",
    "PipelinePeak",
    "Workload",
    "generated_documents",
    "leak_of",
    "measured",
    "pipeline_peak",
]
