"""The project's only scorer: labelled documents against lines of ``aegis extract``.

What each figure means:

- ``ner_span``: mention spans, tight on both sides (a leading the/a/an and a trailing 's stripped); predicted ORDINALs
  are dropped. ``ner_typed``: the same with the type right. ``ner_overlap_recall``: gold mentions that any prediction
  overlaps.
- ``pairwise``, ``b3``: identity, on matched mentions only: within each document where gold has clusters, across all
  documents where gold has ``kb`` (a node id that stands in several documents is one entity).
- ``rel_soft``: entity-level triples (head, tail, property), micro; each predicted node maps to the gold cluster with
  which it shares most mentions, several may map to one. ``rel_strict``: one to one. ``rel_pair``: soft, without the
  property. ``rel_macro_f1``: mean over properties.
- ``rel_precision_at``: precision of the best-confidence edges (soft) at recall .1, .2, .3 and .4; null where that
  recall is not reached.

Edges count against the score whatever their ``pid``, null included. An ``eval_span`` in gold limits what is scored to
that part of the text.
"""

from aegis_pipeline.benchmarks.scoring.files import load, load_predictions, score_files
from aegis_pipeline.benchmarks.scoring.formats import GoldDocument, Prediction
from aegis_pipeline.benchmarks.scoring.scorer import score

__all__ = ["GoldDocument", "Prediction", "load", "load_predictions", "score", "score_files"]
