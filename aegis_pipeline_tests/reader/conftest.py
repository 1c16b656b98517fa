"""A reader's parts without weights: a tokenizer of words and letters, and a BERT of two layers with random numbers."""

import pytest
import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
from transformers import BertConfig, BertModel

from aegis_pipeline.reader.backbone import Backbone
from aegis_pipeline.reader.tokens import ReaderTokenizer

WORDS = ["marie", "curie", "was", "born", "in", "warsaw", "lives", "paris", "berlin", ".", ","]
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


@pytest.fixture(scope="session")
def tokenizer() -> ReaderTokenizer:
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *WORDS, *LETTERS, *(f"##{letter}" for letter in LETTERS)]
    made = Tokenizer(models.WordPiece({word: k for k, word in enumerate(vocabulary)}, unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer(lowercase=True)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return ReaderTokenizer(made)


@pytest.fixture
def backbone() -> Backbone:
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=120,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=66,
        attention_probs_dropout_prob=0.0,
    )
    return Backbone(BertModel(config, add_pooling_layer=False))
