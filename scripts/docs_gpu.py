"""``docs/GPU_REQUIREMENTS.md``: what fits on which card, by the model of costs."""

from docs_tables import MADE

from aegis_pipeline.models.gpu_costs import MOST_TEXTS, TARGET, calculate_optimal_batch_size, known_costs
from aegis_pipeline.models.gpu_costs import optimal_parallel_requests as requests

# The context of a call as the defaults make it: RELATION_CALL_TOKENS + RELATION_ANSWER_TOKENS, and instructions.
CONTEXT, MOST = 24_000, 16
CARDS = (
    ("minimum: RTX 3060, 12 GB", 12, "gemma3:4b"),
    ("recommended, 16 GB: RTX 4060 Ti 16 GB, RTX 4070 Ti SUPER, RTX 4080", 16, "gemma3:4b-it-q8_0"),
    ("best: RTX 3090, RTX 4090, 24 GB", 24, "gemma3:4b-it-fp16"),
)

PAGE = f"""# GPU requirements

{MADE}

**None of the memory figures on this page was measured by us**: no GPU was at hand. They come from the table of costs
(`aegis_pipeline/models/gpu_costs.toml`), which names the source of each; `calculate_optimal_batch_size` and the
settings below go by the same table. What runs without a GPU is measured: [performance](PERFORMANCE_BENCHMARKS.md).

What measures a card, for whoever has one:

- `aegis gpu-profile --out gpu.json`: peak memory and speed of each model over batch sizes, held against the table;
  whether memory grows over 200 batches; and the peak of the three phases together, as they are configured. MiniLM has
  its own weights; the spaCy transformer (RoBERTa-base) and Gemma 3 4B (bfloat16) have random ones in the same
  architecture, whose memory and speed are the same.
- `aegis benchmark run --variant three_phase-q4_k_m-gpu`: the whole pipeline; its report has the peak of our process and
  what the server holds.

## Which card

An RTX 4070 has 12 GB and belongs with the RTX 3060; the 16 GB cards are those named here.

{{cards}}

"At once" is what fits within {TARGET:.0%} of the card beside the weights, for calls of {CONTEXT:,} tokens: set
`OLLAMA_NUM_PARALLEL` of the server to it, and `EXTRACTION_MAX_WORKERS` to the same. Ollama takes the memory of all
parallel calls when it loads the model, so the number of calls that we send changes nothing in its memory; more than
it runs at once wait in its queue.

The default models need no GPU: MiniLM, the reader and `en_core_web_sm` are a few hundred MB together and run on the
CPU. With `DEVICE=cpu` the LLM's server has the card for itself, which is what we recommend below 12 GB.

## What each model takes

{{costs}}

## Q4_K_M or Q8_0

{{trade}}

Speed: an answer is read from memory, weights and all, for every token, so Q8_0 writes at most {{ratio}} of the tokens
a second of Q4_K_M on the same card (by the sizes above; not measured). Quality: not measured here, for Gemma 3 4B
cannot be had here; `aegis measure` compares both on your own documents ([relations by an LLM](llm-relations.md)).

## When memory is short

1. Lower `OLLAMA_NUM_PARALLEL`, and `EXTRACTION_MAX_WORKERS` with it.
2. Lower `RELATION_CALL_TOKENS`: the cache of a call grows with its context.
3. Take Q4_K_M.
4. `DEVICE=cpu`: everything but the LLM leaves the card.
5. With a spaCy transformer as `SPACY_MODEL`, lower `EXTRACTION_BATCH_SIZE`. It is lowered by itself to what fits in
   {TARGET:.0%} of what is free when the model is loaded, at most {MOST_TEXTS}; 12 GB hold
   {calculate_optimal_batch_size(12)} texts of 256 tokens.

Where memory ends all the same, a batch is halved until it fits, and one text alone goes to the CPU; no document is
lost, and `aegis/batches_halved` of the materialization says how often.

## From phase to phase

Two models are large: the spaCy transformer of phase 1 and the LLM of phase 3. `GPU_KEEP_MODELS` says what happens where
one card is to hold both:

- `auto`: before phase 1, the Ollama server lets the LLM go (`keep_alive: 0`) where the spaCy model and a batch would
  not fit into {TARGET:.0%} of what is free; before phase 3, the spaCy model is dropped where the LLM would not. What is
  free tells NVIDIA's library, so that both sides of the card are in it; what the server holds already (`/api/ps`) is
  not asked for again. Only a server at 127.0.0.1 or localhost is taken to be on the same card, and only models of the
  table above have a known size.
- `never`: each goes whenever the other comes. This is the setting for a server in a container of the same machine.
- `always`: both stay.

A model that left is loaded again by the next batch; the log has `model_let_go`. Between steps, what torch does not use
is given back. `aegis/peak_vram_bytes` is the most that it held in each step on a GPU; the metric
`aegis_peak_vram_bytes` and the gate [vram_budget](gates.md#vram_budget), which warns, are made of it."""


def gpu_page() -> str:
    """The whole page."""
    costs = known_costs()
    q4, q8 = (costs.llms[name].weights_gb for name in ("gemma3:4b", "gemma3:4b-it-q8_0"))
    cards = [
        f"| {card} | `{model}` | {costs.llms[model].weights_gb:g} GB | {requests(size, model, CONTEXT, MOST)} |"
        for card, size, model in CARDS
    ]
    rows = [
        f"| `{name}` | {cost.weights_gb:g} GB | {cost.gb_of_request(CONTEXT):.2f} GB a call | {cost.source} |"
        for name, cost in costs.llms.items()
    ]
    texts = [
        f"| {name.replace('_', ' ')} | {cost.weights_gb:g} GB | {cost.gb_per_1000_tokens:g} GB per 1,000 tokens "
        f"| {cost.source} |"
        for name, cost in costs.texts.items()
    ]
    return PAGE.format(
        cards="\n".join(["| card | LLM | weights | calls at once |", "|---|---|---|---|", *cards]),
        costs="\n".join(["| model | weights | and | source |", "|---|---|---|---|", *texts, *rows]),
        trade=f"Q8_0 takes {q8 - q4:.1f} GB more for its weights ({q8:g} against {q4:g} GB); the cache is the same.",
        ratio=f"{q4 / q8:.2f}",
    )
