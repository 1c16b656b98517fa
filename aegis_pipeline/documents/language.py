"""Which language a text is in, with a confidence; English where that is unsure."""

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

ENGLISH = "en"
# Of the model's 140 languages those with wide use in writing: close relatives (Scots, Luxembourgish, Extremaduran,
# Occitan) share the probability of short English, German, Spanish and French texts among them.
_CODES = (
    "ar az be bg bn bs ca cs cy da de el en es et eu fa fi fr ga gl gu he hi hr hu hy id is it ja ka kk km kn ko lo lt "
    "lv mk ml mn mr ms mt my ne nl nn pa pl pt ro ru si sk sl sq sr sv sw ta te th tl tr uk ur uz vi zh"
)
LANGUAGES = frozenset(_CODES.split())
# Beginnings of 200 English texts (Re-DocRED dev 300-499) taken for another language: of 20 characters 4 at a confidence
# of 0.7 and 1 at 0.95; of 40 to 100 characters 1 to 3 at 0.7 and none at 0.95; from 150 characters on none at 0.7.
_TOO_SHORT = 40
_SHORT = 150
_SHORT_FLOOR = 0.95
_SAMPLE_CHARACTERS = 5_000


@dataclass(frozen=True, slots=True)
class DetectedLanguage:
    """An ISO 639-1 code and how sure it is, in [0, 1]."""

    code: str
    confidence: float


def detect_language(text: str, floor: float) -> DetectedLanguage:
    """The language of ``text``, judged by its beginning; English where the confidence is below ``floor``. Below 150
    characters, where names decide more than words, it must be 0.95; below 40 it is always English."""
    sample = text[:_SAMPLE_CHARACTERS]
    code, confidence = _identifier().classify(sample)
    needed = floor if len(sample) >= _SHORT else max(floor, _SHORT_FLOOR)
    unsure = confidence < needed or len(sample) < _TOO_SHORT
    return DetectedLanguage(ENGLISH if unsure else code, round(float(confidence), 4))


@lru_cache(maxsize=1)
def _identifier() -> "LanguageIdentifier":
    """Loaded once a process, and not with this module, which the parse child shares a package with."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(sorted(LANGUAGES))
    return identifier
