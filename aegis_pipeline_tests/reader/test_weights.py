from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from aegis_pipeline.errors import ModelError
from aegis_pipeline.reader.backbone import Backbone
from aegis_pipeline.reader.relation_network import RelationNetwork
from aegis_pipeline.reader.tagger import TaggerNetwork
from aegis_pipeline.reader.weights import load_weights, save_small, save_weights, to_8_bits


@pytest.fixture
def network(backbone: Backbone) -> TaggerNetwork:
    return TaggerNetwork(backbone)


def test_a_row_is_as_near_as_its_largest_number_allows() -> None:
    matrix = torch.tensor([[1.0, -0.3, 0.004], [1000.0, -4.0, 3.0], [0.0, 0.0, 0.0]])
    numbers, scale = to_8_bits(matrix)
    assert numbers.dtype is torch.int8
    assert torch.all((numbers * scale - matrix).abs() <= scale / 2 + 1e-9)
    assert (numbers * scale)[:, 0].tolist() == pytest.approx([1.0, 1000.0, 0.0])


def test_small_weights_come_back_nearly(network: TaggerNetwork, tmp_path: Path) -> None:
    before = {name: value.clone() for name, value in network.state_dict().items()}
    sha256 = save_small(network, tmp_path / "small")
    with torch.no_grad():
        network.head.weight.zero_()
    load_weights(network, tmp_path / "small", sha256)
    for name, value in network.state_dict().items():
        torch.testing.assert_close(value, before[name], atol=float(before[name].abs().max()) / 200, rtol=1e-3)


def test_small_weights_take_a_third_and_no_word_embeddings(network: TaggerNetwork, tmp_path: Path) -> None:
    save_weights(network, tmp_path / "whole")
    save_small(network, tmp_path / "small")
    assert not [name for name in load_file(tmp_path / "small") if "word_embeddings" in name]
    assert (tmp_path / "small").stat().st_size < (tmp_path / "whole").stat().st_size / 3 + 5000  # names of the tensors


@pytest.mark.parametrize("lost", ["head.weight", "head.weight:scale", "head.bias"])
def test_a_missing_weight_is_named(network: TaggerNetwork, tmp_path: Path, lost: str) -> None:
    path = tmp_path / "small.safetensors"
    save_small(network, path)
    save_file({name: value for name, value in load_file(path).items() if name != lost}, path)
    with pytest.raises(ModelError, match=rf"small\.safetensors.*{lost.partition(':')[0]}.*Install"):
        load_weights(network, path)


def test_a_file_that_is_cut_off_is_said_to_be_so(network: TaggerNetwork, tmp_path: Path) -> None:
    path = tmp_path / "small.safetensors"
    sha256 = save_small(network, path)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ModelError, match=f"expected {sha256}"):
        load_weights(network, path, sha256)
    with pytest.raises(ModelError, match="no safetensors file"):
        load_weights(network, path)


def test_weights_of_another_network_are_refused(backbone: Backbone, tmp_path: Path) -> None:
    save_small(RelationNetwork(backbone, 5), tmp_path / "five")
    with pytest.raises(ModelError, match=r"bilinear.*another shape"):
        load_weights(RelationNetwork(backbone, 6), tmp_path / "five")
