"""Which models stay on the GPU from phase to phase: GPU_KEEP_MODELS.

Two of them are large: the spaCy transformer of phase 1, and the LLM of phase 3, which an Ollama server holds. Where the
card has no room for both, each goes before the other comes.
"""

from collections.abc import Callable

from aegis_pipeline.errors import ServiceUnavailableError
from aegis_pipeline.events import Event
from aegis_pipeline.logs import event_log
from aegis_pipeline.models.gpu_cards import free_gb_of
from aegis_pipeline.models.gpu_costs import TARGET, known_costs
from aegis_pipeline.models.gpu_memory import cleanup_gpu_memory
from aegis_pipeline.models.loading import CACHE
from aegis_pipeline.models.ollama_memory import held_vram_bytes, is_on_this_machine, let_go
from aegis_pipeline.settings import KeepModels, RelationBackend, Settings

_MENTIONS = "mentions"
_GB = 1e9
_log = event_log(__name__)


def make_room_for_mentions(configured: Settings) -> None:
    """Before phase 1: the Ollama server lets phase 3's model go where the spaCy model would not have the room."""
    is_asked = configured.relation_backend is RelationBackend.OLLAMA
    if is_asked and _may_let_go(configured, _gb_of_mentions) and _held_gb(configured) > 0:
        let_go(configured.ollama_host, configured.relation_model)
        _log.info(Event.MODEL_LET_GO, kind="llm", name=configured.relation_model)


def make_room_for_relations(configured: Settings) -> None:
    """Before phase 3: the spaCy model is dropped where phase 3's model would not have the room.

    The trained reader takes less than a batch of texts: for it, nothing goes unless GPU_KEEP_MODELS is ``never``.
    """
    if not _may_let_go(configured, _gb_of_llm):
        return
    for name in CACHE.forget(_MENTIONS):
        _log.info(Event.MODEL_LET_GO, kind=_MENTIONS, name=name)
    cleanup_gpu_memory()


_FOR = {_MENTIONS: make_room_for_mentions, "relations": make_room_for_relations}


def make_room(configured: Settings, phase: str) -> None:
    """Before ``phase``: mentions or relations."""
    _FOR[phase](configured)


def no_room_needed(_phase: str) -> None:
    """For extractors that were not made by settings: whoever made them sees to their room."""


def _may_let_go(configured: Settings, needed_gb: Callable[[Settings], float]) -> bool:
    """Whether something is to go for what needs so many GB more."""
    if configured.gpu_keep_models is not KeepModels.AUTO:
        return configured.gpu_keep_models is KeepModels.NEVER
    free = None if configured.device == "cpu" else free_gb_of(configured.device)
    return free is not None and needed_gb(configured) > TARGET * free


def _gb_of_mentions(configured: Settings) -> float:
    if not _shares_the_card(configured):
        return 0.0
    cost = known_costs().texts["spacy_transformer"]
    tokens = configured.extraction_batch_size * configured.chunk_tokens
    return (0 if CACHE.has(_MENTIONS) else cost.weights_gb) + cost.gb_per_1000_tokens * tokens / 1000


def _gb_of_llm(configured: Settings) -> float:
    """What the LLM still has to take of this machine's card; 0 where it is elsewhere, or nothing is known of it."""
    cost = known_costs().llms.get(configured.relation_model)
    if cost is None or not _shares_the_card(configured):
        return 0.0
    context = configured.relation_call_tokens + configured.relation_answer_tokens
    whole = cost.weights_gb + configured.extraction_max_workers * cost.gb_of_request(context)
    return max(0.0, whole - _held_gb(configured))


def _shares_the_card(configured: Settings) -> bool:
    return configured.relation_backend is RelationBackend.OLLAMA and is_on_this_machine(configured.ollama_host)


def _held_gb(configured: Settings) -> float:
    try:
        return held_vram_bytes(configured.ollama_host, configured.relation_model) / _GB
    except ServiceUnavailableError:
        return 0.0  # a server that is away holds nothing; phase 3 says so when it needs it
