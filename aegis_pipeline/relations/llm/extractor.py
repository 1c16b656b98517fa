"""Relations by an LLM behind the interface of phase 3."""

import hashlib
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TypeVar

from aegis_pipeline.errors import AegisError
from aegis_pipeline.events import Event
from aegis_pipeline.llm.blocking import run
from aegis_pipeline.llm.clients import LLMClient
from aegis_pipeline.llm.faults import CallFailed, Fault, failure_of
from aegis_pipeline.llm.retries import RetryPolicy
from aegis_pipeline.logs import event_log
from aegis_pipeline.records import DeadLetter, ModelUsage, PhaseOutcome, Relation, RelationInput, RelationResult
from aegis_pipeline.relations.llm.answer_schema import offered
from aegis_pipeline.relations.llm.breaker import Breaker
from aegis_pipeline.relations.llm.cache import AnswerCache
from aegis_pipeline.relations.llm.calls import Answered, CallLimits, Calls, Lost
from aegis_pipeline.relations.llm.outcomes import dead_letters, outcome_of
from aegis_pipeline.relations.llm.prompt import PROMPT_VERSION
from aegis_pipeline.relations.llm.reading import Reader
from aegis_pipeline.relations.llm.sections import Section, sections_of
from aegis_pipeline.relations.schema import RelationSchema

CODE_VERSION = "1"
"""To be raised when the code of this package could give other relations for the same answers."""
_UNKNOWN = "unknown model"
T = TypeVar("T")

_log = event_log(__name__)


class LLMRelationExtractor:
    """A batch through an LLM: few calls, some in flight at once, and an outcome for every document whatever happens."""

    def __init__(
        self,
        name: str,
        connect: Callable[[], LLMClient],
        schema: RelationSchema,
        cache: AnswerCache,
        limits: CallLimits,
        policy: RetryPolicy,
        min_confidence: float,
    ) -> None:
        """``name`` is the backend's; ``connect`` gives a client for one batch, within the event loop of that batch."""
        self.name, self._connect, self._schema, self._cache = name, connect, schema, cache
        self._limits, self._policy, self._min_confidence = limits, policy, min_confidence
        self._digest = ""

    @property
    def version(self) -> str:
        """With the model's digest, as the server tells it; while the server is away, as it told it the last time."""
        digest = self._digest or run(self._with_client(self._identify))[0]
        return self._version(digest)

    def extract(self, documents: Sequence[RelationInput]) -> RelationResult:
        """See ``RelationExtractor.extract``. What the model could not read is in ``dead_letters`` too."""
        return run(self.extract_async(documents))

    async def extract_async(self, documents: Sequence[RelationInput]) -> RelationResult:
        """As ``extract``, for callers with an event loop, which it leaves free."""
        return await self._with_client(partial(self._extract, documents))

    async def _extract(self, documents: Sequence[RelationInput], client: LLMClient) -> RelationResult:
        digest, failure = await self._identify(client)
        limits, policy = self._limits, self._policy
        calls = Calls(client, self._schema, limits, policy, Breaker(failure), self._cache, digest)
        sections = [cut for document in documents for cut in sections_of(document, limits.call_tokens)]
        read = await calls.read(section for section in sections if self._may_relate(section))
        return self._result(documents, read, calls.usage, self._version(digest))

    async def _identify(self, client: LLMClient) -> tuple[str, CallFailed | None]:
        """The model's digest; where the server does not tell it, the last one that it told, and why not."""
        try:
            self._digest = await self._policy.retrying()(_model_digest, client)
        except CallFailed as error:
            _log.warning(Event.LLM_NOT_THERE, error_type=error.fault.value, address=client.address)
            return self._cache.get("digest", client.address) or _UNKNOWN, error
        self._cache.put(self._digest, "digest", client.address)
        return self._digest, None

    def _may_relate(self, section: Section) -> bool:
        return len(section.entities) > 1 and bool(offered(section.types, self._schema))

    def _result(
        self, documents: Sequence[RelationInput], read: Sequence[Answered | Lost], usage: ModelUsage, version: str
    ) -> RelationResult:
        reader = Reader(self._schema, f"{self.name} {version}", self._min_confidence)
        found: dict[str, list[Answered | Lost]] = defaultdict(list)
        for each in sorted(read, key=lambda each: each.section.span.start):
            found[each.section.document.document_id].append(each)
        relations: list[Relation] = []
        outcomes: list[PhaseOutcome] = []
        for document in documents:
            answered = [each for each in found[document.document_id] if isinstance(each, Answered)]
            lost = [each for each in found[document.document_id] if isinstance(each, Lost)]
            own = reader.read(document, [(each.section, each.items) for each in answered])
            relations += own.relations
            outcomes.append(outcome_of(document, answered, lost, own))
        letters = dead_letters([each for each in read if isinstance(each, Lost)])
        _tell(letters)
        return RelationResult(tuple(relations), tuple(outcomes), tuple(letters), usage)

    def _version(self, digest: str) -> str:
        parts = (
            CODE_VERSION,
            PROMPT_VERSION,
            digest,
            self._schema.digest,
            self._limits.call_tokens,
            self._min_confidence,
        )
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]

    async def _with_client(self, work: Callable[[LLMClient], Awaitable[T]]) -> T:
        client = self._connect()
        try:
            return await work(client)
        finally:
            await client.close()


def _tell(letters: Sequence[DeadLetter]) -> None:
    """Each chunk by itself, but for those that nobody asked for: after a server has died, they are all the rest."""
    asked = [letter for letter in letters if letter.reason != Fault.GIVEN_UP]
    for letter in asked:
        _log.error(
            Event.RELATION_EXTRACTION_FAILED_ALL_RETRIES,
            document_id=letter.document_id,
            chunk_id=letter.chunk_id,
            error_type=letter.reason,
            attempts=letter.attempts,
        )
    if letters:
        documents = len({letter.document_id for letter in letters})
        _log.error(Event.LLM_CHUNKS_LOST, documents=documents, chunks=len(letters), not_asked=len(letters) - len(asked))


async def _model_digest(client: LLMClient) -> str:
    try:
        return await client.model_digest()
    except AegisError as error:
        raise failure_of(error) from error
