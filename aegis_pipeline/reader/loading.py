"""Trained networks from their files."""

from pathlib import Path

from aegis_pipeline.models.devices import torch_device
from aegis_pipeline.reader.files import RELATIONS, ReaderFiles
from aegis_pipeline.reader.relation_network import RelationNetwork
from aegis_pipeline.reader.relation_reader import RelationReader
from aegis_pipeline.reader.tagger import Tagger, TaggerNetwork
from aegis_pipeline.reader.weights import load_tokenizer, load_weights, new_backbone


def load_tagger(weights: Path, *, sha256: str | None = None, device: str = "cpu") -> Tagger:
    """The tagger of these weights.

    Raises:
        ModelError: the file cannot be used, or is not the one of that hash.
        SettingsError: the device cannot be used.
    """
    network = TaggerNetwork(new_backbone())
    load_weights(network, weights, sha256)
    return Tagger(network, load_tokenizer(), torch_device(device))


def load_relation_reader(files: ReaderFiles, device: str = "cpu") -> RelationReader:
    """The relation network of a folder.

    Raises:
        ModelError: its weights are missing, or are not the ones of ``reader.json``.
        SettingsError: the device cannot be used.
    """
    network = RelationNetwork(new_backbone(), len(files.manifest.properties))
    load_weights(network, files.folder / RELATIONS, files.manifest.sha256[RELATIONS])
    return RelationReader(network, load_tokenizer(), files.manifest.properties, torch_device(device))
