"""The calls of one batch: some in flight at once, tried again, halved, counted, and their answers kept."""

import asyncio
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from aegis_pipeline.llm.clients import LLMClient, Reply
from aegis_pipeline.llm.faults import CallFailed, Fault
from aegis_pipeline.llm.prompt import Prompt
from aegis_pipeline.llm.retries import RetryPolicy
from aegis_pipeline.records import ModelUsage
from aegis_pipeline.relations.llm.answer_schema import offered
from aegis_pipeline.relations.llm.breaker import Breaker
from aegis_pipeline.relations.llm.cache import AnswerCache
from aegis_pipeline.relations.llm.list_lengths import list_lengths
from aegis_pipeline.relations.llm.packing import Pack, pack, shorter
from aegis_pipeline.relations.llm.prompt import content_hash, prompt_of
from aegis_pipeline.relations.llm.reading import Items, lists_of
from aegis_pipeline.relations.llm.sections import Section
from aegis_pipeline.relations.schema import RelationSchema


@dataclass(frozen=True, slots=True)
class Answered:
    """A section with its list, not yet checked."""

    section: Section
    items: Items


@dataclass(frozen=True, slots=True)
class Lost:
    """A section without: why, how many calls asked for it, and the hash of the last one's prompt."""

    section: Section
    failure: CallFailed
    attempts: int
    prompt_hash: str


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a request of its own has cost the sections of a pack before: calls in all, and as one chunk alone."""

    calls: int = 0
    alone: int = 0


@dataclass(frozen=True, slots=True)
class CallLimits:
    """Tokens of documents that one call may have, tokens of its answer, and how many calls are in flight."""

    call_tokens: int
    answer_tokens: int
    workers: int


class Calls:
    """Asks ``client`` about sections. ``usage`` grows with every call; ``digest`` is that of the model."""

    def __init__(
        self,
        client: LLMClient,
        schema: RelationSchema,
        limits: CallLimits,
        policy: RetryPolicy,
        breaker: Breaker,
        cache: AnswerCache,
        digest: str,
    ) -> None:
        self._client, self._schema, self._limits, self._policy = client, schema, limits, policy
        self._breaker, self._cache, self._digest = breaker, cache, digest
        self._free = asyncio.Semaphore(limits.workers)
        self.usage = ModelUsage()

    async def read(self, sections: Iterable[Section]) -> list[Answered | Lost]:
        """Every section's list, from the cache or by a call, or why there is none."""
        known: list[Answered | Lost] = []
        unknown: list[Section] = []
        for section in sections:
            items = self._cache.get(self._digest, self._content_hash(section))
            if isinstance(items, list):
                known.append(Answered(section, items))
            else:
                unknown.append(section)
        self.usage = replace(self.usage, from_cache=len(known))
        packs = pack(unknown, self._limits.call_tokens)
        asked = await asyncio.gather(*(self._ask(together, _Asked()) for together in packs))
        return known + [one for answers in asked for one in answers]

    async def _ask(self, together: Pack, before: _Asked) -> list[Answered | Lost]:
        """One request; sections that it gave no list for are asked for again in shorter ones."""
        keyed = {f"d{number}": section for number, section in enumerate(together, start=1)}
        lengths = list_lengths(keyed, self._limits.answer_tokens, is_tight=before.calls > 0)
        most = {key: max(1, length >> before.alone) for key, length in lengths.items()}
        prompt = prompt_of(keyed, self._schema, most)
        lists, failure, made = await self._answer(prompt, keyed)
        answered: list[Answered | Lost] = [self._kept(keyed[key], items) for key, items in lists.items()]
        missing = tuple(section for key, section in keyed.items() if key not in lists)
        calls = before.calls + made
        if not missing:
            return answered
        if not self._may_ask_again(missing, failure, before):
            return answered + [Lost(section, failure, calls, prompt.hash) for section in missing]
        return answered + await self._ask_again(missing, len(missing) < len(together), before, calls)

    async def _answer(self, prompt: Prompt, keys: Collection[str]) -> tuple[dict[str, Items], CallFailed, int]:
        """The lists that a request gives, why others are missing, and how many calls it took."""
        retrying = self._policy.retrying()
        lists: dict[str, Items] = {}
        failure = CallFailed(Fault.MALFORMED, "the answer has no list for the document")
        try:
            async with self._free:  # while it waits too: a server in trouble gets no more calls than before
                reply: Reply = await retrying(self._attempt, prompt)
            lists = _lists(reply, keys)
        except CallFailed as error:
            failure = error
            self._breaker.failed(error)
        return lists, failure, retrying.statistics["attempt_number"] - (failure.fault is Fault.GIVEN_UP)

    def _may_ask_again(self, missing: Sequence[Section], failure: CallFailed, before: _Asked) -> bool:
        if not failure.is_divisible:
            return False
        if len(missing) > 1 or len(missing[0].chunks) > 1:
            return True
        return failure.fault is not Fault.REFUSED and before.alone + 1 < self._policy.attempts

    async def _ask_again(self, missing: Pack, is_shorter: bool, before: _Asked, calls: int) -> list[Answered | Lost]:
        """Those that the answer left out, or all of them in halves; what is one chunk alone, with a shorter list."""
        alone = len(missing) == 1 and len(missing[0].chunks) == 1
        packs = [missing] if is_shorter and not alone else shorter(missing)
        asked = _Asked(calls, before.alone + 1 if alone else 0)
        found = await asyncio.gather(*(self._ask(together, asked) for together in packs))
        return [one for answers in found for one in answers]

    async def _attempt(self, prompt: Prompt) -> Reply:
        self._breaker.check()
        self._count(calls=1)
        reply = await self._client.ask(prompt)
        self._breaker.succeeded()
        self._count(prompt_tokens=reply.prompt_tokens, answer_tokens=reply.answer_tokens)
        return reply

    def _kept(self, section: Section, items: Items) -> Answered:
        self._cache.put(items, self._digest, self._content_hash(section))
        return Answered(section, items)

    def _content_hash(self, section: Section) -> str:
        return content_hash(section, offered(section.types, self._schema))

    def _count(self, calls: int = 0, prompt_tokens: int = 0, answer_tokens: int = 0) -> None:
        spent = self.usage
        self.usage = replace(
            spent,
            calls=spent.calls + calls,
            prompt_tokens=spent.prompt_tokens + prompt_tokens,
            answer_tokens=spent.answer_tokens + answer_tokens,
        )


def _lists(reply: Reply, keys: Collection[str]) -> dict[str, Items]:
    if reply.is_cut:
        raise CallFailed(Fault.CUT, "the answer is longer than RELATION_ANSWER_TOKENS")
    return lists_of(reply.text, keys)
