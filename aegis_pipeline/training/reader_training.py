"""Training a reader from labelled documents, step by step; every step that is done already is passed over.

1. A tagger, on all training documents.
2. Fold taggers, each on the documents of the other folds: on its own documents a tagger is nearly always right, and the
   relation network would learn from mentions that it never meets.
3. Mentions and entities as phases 1 and 2 find them: of training documents with the fold taggers, of tuning documents
   with the tagger.
4. The relation network, first on texts of which only some properties are labelled, if there are any; then on gold
   mentions and on the found ones in turn.
5. The folder of the trained reader, with the margin and the confidences chosen on the tuning documents.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from torch import nn

from aegis_pipeline.models import Encoder, load_encoder
from aegis_pipeline.models.devices import torch_device
from aegis_pipeline.models.hashes import sha256_of
from aegis_pipeline.reader.encoder import ENCODER, load_tokenizer, new_backbone
from aegis_pipeline.reader.files import RELATIONS, TAGGER, DataFile, Manifest, ReaderFiles, Training
from aegis_pipeline.reader.loading import load_tagger
from aegis_pipeline.reader.relation_network import RelationNetwork
from aegis_pipeline.reader.relation_reader import RelationReader
from aegis_pipeline.reader.tagger import TaggerNetwork
from aegis_pipeline.reader.tokens import ReaderTokenizer
from aegis_pipeline.reader.weights import load_weights, save_small
from aegis_pipeline.reader.windows import Named
from aegis_pipeline.records import Mention
from aegis_pipeline.relations import load_schema
from aegis_pipeline.training.calibration import fit_logistic
from aegis_pipeline.training.folds import fold_of, train_fold_taggers
from aegis_pipeline.training.found_mentions import found_mentions, named_entities
from aegis_pipeline.training.gold import GoldDocument, Range, load_gold
from aegis_pipeline.training.loop import Schedule
from aegis_pipeline.training.partial import load_partial, partial_windows
from aegis_pipeline.training.relation_data import read_named, write_named
from aegis_pipeline.training.relation_training import (
    FIRST_STAGE,
    RELATION_SCHEDULE,
    RelationCourse,
    RelationData,
    best_f1,
    in_turn,
    margins,
    relation_data,
)
from aegis_pipeline.training.tagger_training import TAGGER_SCHEDULE, tagged_texts, train_tagger
from aegis_pipeline.version import VERSION

FOUND = "found.jsonl"


@dataclass(frozen=True, slots=True)
class Plan:
    """What to train on, and where to; ``train`` and ``tune`` are lines of ``data``, ``partial`` has texts of which only
    some properties are labelled."""

    data: Path
    out: Path
    train: Range
    tune: Range
    folds: int = 2
    seed: int = 1
    device: str = "auto"
    chunk_tokens: int = 256
    partial: Path | None = None


@dataclass(frozen=True, slots=True)
class _Lab:
    """What every step needs."""

    plan: Plan
    device: str
    tokenizer: ReaderTokenizer
    encoder: Encoder
    train: Sequence[GoldDocument]
    tune: Sequence[GoldDocument]

    def seeded(self, schedule: Schedule) -> Schedule:
        return replace(schedule, seed=self.plan.seed)


def train_reader(plan: Plan) -> ReaderFiles:
    """All steps; what an earlier call with the same plan did is taken up.

    Raises:
        InputError: the data cannot be used.
        ModelError: the encoder is not on this machine.
        SettingsError: the device cannot be used.
    """
    lab = _Lab(
        plan,
        torch_device(plan.device),
        load_tokenizer(),
        load_encoder(ENCODER, device=plan.device),
        load_gold(plan.data, plan.train),
        load_gold(plan.data, plan.tune),
    )
    tagger = _tagger(lab)
    found = _found(lab, tagger)
    limit = new_backbone().max_tokens
    train, tune = (relation_data(part, found, lab.tokenizer, limit) for part in (lab.train, lab.tune))
    properties = sorted(load_schema().by_pid)
    course = RelationCourse(properties, lab.tokenizer, tune, lab.device)
    start = _first_stage(lab, course, tagger) if plan.partial else None
    relations = course.train(partial(in_turn, train), plan.out / "relations", lab.seeded(RELATION_SCHEDULE), start)
    return _finished(lab, tagger, relations, tune, properties)


def _first_stage(lab: _Lab, course: RelationCourse, tagger: Path) -> Path:
    """The relation network after the texts of which only some properties are labelled."""
    texts = load_partial(lab.plan.partial) if lab.plan.partial else []
    reading = load_tagger(tagger, device=lab.device)
    windows = partial_windows(texts, reading, lab.tokenizer, new_backbone().max_tokens)
    return course.train(lambda _: windows, lab.plan.out / "first-stage", lab.seeded(FIRST_STAGE))


def _tagger(lab: _Lab) -> Path:
    texts, tuning = (tagged_texts(part, lab.tokenizer, lab.plan.chunk_tokens) for part in (lab.train, lab.tune))
    schedule = lab.seeded(TAGGER_SCHEDULE)
    return train_tagger(texts, tuning, lab.tokenizer, lab.plan.out / "tagger", schedule, lab.device)


def _found(lab: _Lab, tagger: Path) -> dict[str, list[Named]]:
    """Mentions of training and tuning documents, by document id."""
    path = lab.plan.out / FOUND
    if not path.exists():
        write_named(path, _find(lab, tagger))
    return read_named(path)


def _find(lab: _Lab, tagger: Path) -> Mapping[str, Sequence[Named]]:
    plan = lab.plan
    folds = train_fold_taggers(
        lab.train, lab.tune, lab.tokenizer, plan.out, plan.folds, plan.chunk_tokens, seed=plan.seed, device=lab.device
    )
    mentions: list[Mention] = []
    for fold, weights in enumerate(folds):
        unseen = [document for k, document in enumerate(lab.train) if fold_of(k, plan.folds) == fold]
        mentions += found_mentions(unseen, weights, lab.encoder, plan.chunk_tokens, lab.device)
    in_tune = found_mentions(lab.tune, tagger, lab.encoder, plan.chunk_tokens, lab.device)
    return {**named_entities(lab.train, mentions, lab.encoder), **named_entities(lab.tune, in_tune, lab.encoder)}


def _finished(lab: _Lab, tagger: Path, relations: Path, tune: RelationData, properties: Sequence[str]) -> ReaderFiles:
    """The folder that is shipped, with what was chosen on the tuning documents by the weights that lie in it."""
    folder = lab.plan.out / "reader"
    folder.mkdir(exist_ok=True)
    network = RelationNetwork(new_backbone(), len(properties))
    sha256 = {
        TAGGER: _shipped(TaggerNetwork(new_backbone()), tagger, folder / TAGGER),
        RELATIONS: _shipped(network, relations, folder / RELATIONS),
    }
    scored = margins(tune.found, RelationReader(network, lab.tokenizer, properties, lab.device))
    slope, offset = fit_logistic([*scored.values()], [key in tune.triples for key in scored])
    manifest = Manifest(
        sha256=sha256,
        properties=tuple(properties),
        margin=best_f1(scored, tune.triples)["margin"],
        slope=slope,
        offset=offset,
        training=_training(lab.plan),
    )
    files = ReaderFiles(folder, manifest)
    files.write()
    return files


def _shipped(network: nn.Module, trained: Path, path: Path) -> str:
    """Write trained weights as they are shipped, and leave the network with those. Returns the file's sha256."""
    load_weights(network, trained)
    sha256 = save_small(network, path)
    load_weights(network, path)
    return sha256


def _training(plan: Plan) -> Training:
    return Training(
        version=VERSION,
        data=_data_file(plan.data),
        train=str(plan.train),
        tune=str(plan.tune),
        folds=plan.folds,
        seed=plan.seed,
        partial=_data_file(plan.partial) if plan.partial else None,
    )


def _data_file(path: Path) -> DataFile:
    return DataFile(name=path.name, sha256=sha256_of(path))
