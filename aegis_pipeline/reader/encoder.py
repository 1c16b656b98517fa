"""The encoder that the reader's networks begin from; its word embeddings are in memory once for all of them."""

from copy import deepcopy
from typing import TYPE_CHECKING

from torch import nn

from aegis_pipeline.models import load_encoder
from aegis_pipeline.reader.backbone import Backbone
from aegis_pipeline.reader.tokens import ReaderTokenizer

if TYPE_CHECKING:
    from transformers import BertModel

ENCODER = "sentence-transformers/all-MiniLM-L6-v2"
"""The encoder whose word embeddings and tokenizer the reader's weights belong to; a setting cannot change it."""

_HIDDEN_DROPOUT, _ATTENTION_DROPOUT = 0.1, 0.0  # a mask for attention costs a third of the training time on a CPU


def load_tokenizer(device: str = "auto") -> ReaderTokenizer:
    """The encoder's tokenizer.

    Raises:
        ModelError: the encoder is not on this machine.
        SettingsError: the device cannot be used.
    """
    return ReaderTokenizer(load_encoder(ENCODER, device=device).uncut_tokenizer)


def new_backbone(device: str = "auto") -> Backbone:
    """The encoder as it is before training: layers of its own, and the word embeddings that identity uses too.

    Raises:
        ModelError: the encoder is not on this machine.
        SettingsError: the device cannot be used.
    """
    return Backbone(_copy(load_encoder(ENCODER, device=device).transformer))


def _copy(encoder: "BertModel") -> "BertModel":
    """Another network with the encoder's weights. Word embeddings, half of them, are frozen and stay where they are."""
    from transformers import BertModel

    config = deepcopy(encoder.config)
    config.hidden_dropout_prob, config.attention_probs_dropout_prob = _HIDDEN_DROPOUT, _ATTENTION_DROPOUT
    copy = BertModel(config, add_pooling_layer=False)
    copy.load_state_dict(encoder.state_dict(), strict=False)  # but for the pooling layer, which is not read
    words = encoder.embeddings.word_embeddings.weight.detach()
    copy.embeddings.word_embeddings.weight = nn.Parameter(words, requires_grad=False)
    return copy
