"""A sentence's dependency tree with the names in it: who a token refers to, and whether its clause states a fact.

Dependency labels are those of spaCy's English models (ClearNLP).
"""

from collections.abc import Iterator, Mapping, Sequence

from aegis_pipeline.records import Mention, Sentence

RELATIVE_TAGS = {"WDT", "WP", "WP$"}
TITLE_LABELS = {"compound", "amod", "nmod"}
LINKING_VERBS = {"be", "become", "remain"}

_UNREAL_WORDS = {"would", "could", "might", "may", "should", "can", "if", "unless", "whether"}
_UNREAL_GOVERNORS = {"refuse", "fail", "decline", "deny", "plan", "want", "intend", "hope", "try", "attempt", "propose"}
_SHARE_DOUBT = {"attr", "acomp", "oprd", "xcomp", "ccomp", "conj", "pobj", "prep"}
_CLAUSAL = {"xcomp", "ccomp", "advcl", "conj"}
_DEEPEST = 4
_LONGEST_COORDINATION = 12


class Tree:
    """One parsed sentence and the names in it; ``refers`` gives the names of earlier sentences that its words mean."""

    def __init__(self, sentence: Sentence, mentions: Sequence[Mention]) -> None:
        self.tokens = sentence.tokens
        self.refers: Mapping[int, Mention] = {}
        self._children: list[list[int]] = [[] for _ in self.tokens]
        for i, token in enumerate(self.tokens):
            if token.head != i:
                self._children[token.head].append(i)
        self.name_at = {
            i: mention
            for i, token in enumerate(self.tokens)
            for mention in mentions
            if token.start < mention.span.end and mention.span.start < token.end
        }

    def children(self, i: int, *labels: str) -> list[int]:
        """The dependents of a token with one of these labels, in the order of the text."""
        return [child for child in self._children[i] if self.tokens[child].dep in labels]

    def prepositions(self, i: int, lemma: str) -> list[int]:
        """The prepositions of a token with this lemma."""
        return [child for child in self.children(i, "prep") if self.tokens[child].lemma.lower() == lemma]

    def dependents(self, i: int) -> list[int]:
        """The dependents of a token; of a name: those of all its tokens that lie outside the name."""
        name = self.name_at.get(i)
        if name is None:
            return self._children[i]
        inside = [j for j, other in self.name_at.items() if other is name]
        return sorted(child for j in inside for child in self._children[j] if self.name_at.get(child) is not name)

    def is_head(self, i: int) -> bool:
        """Whether a token is no part of a name, or the part on which the others of the name depend."""
        name = self.name_at.get(i)
        head = self.tokens[i].head
        return name is None or head == i or self.name_at.get(head) is not name

    def names(self, i: int) -> Iterator[Mention]:
        """Who a token refers to, and those that are coordinated with it ("X and Y founded Z")."""
        coordinated = [i]
        for token in coordinated:
            yield from self._referents(token, 0)
            if len(coordinated) < _LONGEST_COORDINATION:
                coordinated += [child for child in self.children(token, "conj") if self.tokens[child].pos != "VERB"]

    def called(self, i: int, depth: int = 0) -> Iterator[Mention]:
        """Who a common noun stands for: by copula, apposition, "as", or as a title before the name."""
        for token in self._same_as(i):
            if depth < _DEEPEST:
                yield from self._referents(token, depth + 1)

    def subjects(self, i: int) -> list[int]:
        """The subject of a verb; one without its own takes that of the verb that it depends on."""
        for _ in range(_DEEPEST):
            if found := self.children(i, "nsubj", "nsubjpass"):
                return found
            if self.tokens[i].dep not in _CLAUSAL or self.tokens[i].head == i:
                break
            i = self.tokens[i].head
        return []

    def is_unreal(self, i: int) -> bool:
        """Whether the clause of a token is negated, hypothetical, or only wanted: then it states no fact."""
        if i in self.name_at:
            return False
        for _ in range(_DEEPEST):
            words = {self.tokens[child].lemma.lower() for child in self.children(i, "aux", "mark")}
            if self.children(i, "neg") or words & _UNREAL_WORDS:
                return True
            dep, head = self.tokens[i].dep, self.tokens[i].head
            if dep in {"xcomp", "ccomp"} and self.tokens[head].lemma.lower() in _UNREAL_GOVERNORS:
                return True
            if dep not in _SHARE_DOUBT or head == i:
                break
            i = head
        return False

    def _referents(self, i: int, depth: int) -> Iterator[Mention]:
        """Who a token refers to, coordination aside."""
        token = self.tokens[i]
        if i in self.name_at:
            yield self.name_at[i]
        elif i in self.refers:
            yield self.refers[i]
        elif token.tag in RELATIVE_TAGS:
            yield from self._antecedent(i, depth)
        elif token.pos in {"NOUN", "PROPN"}:
            yield from self.called(i, depth)

    def _antecedent(self, i: int, depth: int) -> Iterator[Mention]:
        """The noun that a relative clause hangs on."""
        for _ in range(_DEEPEST):
            if self.tokens[i].dep == "relcl" and depth < _DEEPEST:
                yield from self._referents(self.tokens[i].head, depth + 1)
                return
            i = self.tokens[i].head

    def _same_as(self, i: int) -> list[int]:
        """The tokens that a noun is said to be the same as."""
        i = self._first_conjunct(i)
        token, head = self.tokens[i], self.tokens[i].head
        governor = self.tokens[head]
        if head == i:
            return self.children(i, "appos")
        if token.dep in {"attr", "oprd"}:
            return self.subjects(head) if governor.lemma in LINKING_VERBS or token.dep == "oprd" else []
        if token.dep == "nsubj" and governor.lemma in LINKING_VERBS:
            return self.children(head, "attr")
        if token.dep == "appos" or (token.dep in TITLE_LABELS and head in self.name_at):
            return [head]
        if token.dep == "pobj" and governor.lemma == "as":
            verb = governor.head
            modified = [self.tokens[verb].head] if self.tokens[verb].dep == "acl" else []
            return self.children(verb, "dobj", "nsubjpass") or self.subjects(verb) or modified
        return self.children(i, "appos")

    def _first_conjunct(self, i: int) -> int:
        """The common noun that a noun is coordinated with: "founder and president" are one person."""
        for _ in range(_LONGEST_COORDINATION):
            head = self.tokens[i].head
            if self.tokens[i].dep != "conj" or self.tokens[head].pos not in {"NOUN", "PROPN"} or head in self.name_at:
                break
            i = head
        return i
