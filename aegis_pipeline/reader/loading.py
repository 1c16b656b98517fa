"""Trained networks from their files."""

from pathlib import Path

from aegis_pipeline.models.devices import torch_device
from aegis_pipeline.reader.encoder import load_tokenizer, new_backbone
from aegis_pipeline.reader.files import RELATIONS, ReaderFiles
from aegis_pipeline.reader.precision import keep_rounded
from aegis_pipeline.reader.relation_network import RelationNetwork
from aegis_pipeline.reader.relation_reader import RelationReader
from aegis_pipeline.reader.tagger import Tagger, TaggerNetwork
from aegis_pipeline.reader.weights import load_weights


def load_tagger(weights: Path, *, sha256: str | None = None, device: str = "cpu") -> Tagger:
    """The tagger of these weights.

    Raises:
        ModelError: the file cannot be used, or is not the one of that hash.
        SettingsError: the device cannot be used.
    """
    network, place = TaggerNetwork(new_backbone(device)), torch_device(device)
    load_weights(network, weights, sha256)
    keep_rounded(network.backbone, place)
    return Tagger(network, load_tokenizer(device), place)


def load_relation_reader(files: ReaderFiles, device: str = "cpu") -> RelationReader:
    """The relation network of a folder.

    Raises:
        ModelError: its weights are missing, or are not the ones of ``reader.json``.
        SettingsError: the device cannot be used.
    """
    properties, place = files.manifest.properties, torch_device(device)
    network = RelationNetwork(new_backbone(device), len(properties))
    load_weights(network, files.folder / RELATIONS, files.manifest.sha256[RELATIONS])
    keep_rounded(network.backbone, place)
    return RelationReader(network, load_tokenizer(device), properties, place)
