"""From a dependency tree to frames: a trigger word and the names that fill its roles.

Voice, apposition, copula, relative clauses and coordination are undone here, so that "Ada founded the club", "the club
was founded by Ada" and "Ada, who founded the club" give one frame: trigger ``found``, ``subject`` Ada, ``object`` the
club. The idea is that of PredPatt (White et al., 2016).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from aegis_pipeline.records import Mention
from aegis_pipeline.relations.parse.tree import LINKING_VERBS, RELATIVE_TAGS, TITLE_LABELS, Tree

NAME = "NAME"
"""The trigger of a frame that hangs on a name itself: "the Bank of England", "France's Louvre"."""

_ROLES = {
    "nsubj": "subject",
    "nsubjpass": "object",
    "dobj": "object",
    "dative": "dative",
    "poss": "possessor",
    "compound": "modifier",
    "amod": "modifier",
    "nmod": "modifier",
    "nummod": "modifier",
    "appos": "apposition",
    "npadvmod": "when",
}


@dataclass(frozen=True, slots=True)
class Argument:
    """A name in a role: ``self`` (whom the trigger noun stands for), a value of ``_ROLES``, or a preposition."""

    role: str
    mention: Mention


@dataclass(frozen=True, slots=True)
class Frame:
    """A trigger (a lemma in lower case, or ``NAME``) and its arguments."""

    trigger: str
    arguments: tuple[Argument, ...]


def frames(tree: Tree) -> Iterator[Frame]:
    """Every frame of a sentence with two names or more, in the order of its triggers.

    Questions, and clauses that are negated or hypothetical, state nothing.
    """
    if any(token.lemma == "?" for token in tree.tokens[-2:]):
        return
    for i, token in enumerate(tree.tokens):
        if token.pos in {"PUNCT", "ADP", "DET"} or not tree.is_head(i):
            continue
        arguments = tuple(dict.fromkeys(_arguments(tree, i)))
        if len({argument.mention.span.start for argument in arguments}) > 1 and not tree.is_unreal(i):
            trigger = NAME if i in tree.name_at else token.lemma.lower()
            yield Frame(trigger, arguments)


def _arguments(tree: Tree, i: int) -> Iterator[Argument]:
    """All names in the roles of one trigger."""
    for role, token in _role_tokens(tree, i):
        for mention in tree.names(token):
            yield Argument(role, mention)
    if i in tree.name_at:
        yield Argument("self", tree.name_at[i])
    elif tree.tokens[i].pos in {"NOUN", "PROPN"}:
        for mention in tree.called(i):
            yield Argument("self", mention)


def _role_tokens(tree: Tree, i: int) -> Iterator[tuple[str, int]]:
    """Role and token of every dependent that may hold a name; a title has those of the name that it stands before."""
    head = tree.tokens[i].head
    before_name = tree.tokens[i].dep in TITLE_LABELS and i not in tree.name_at and head in tree.name_at
    for child in [*tree.dependents(i), *(tree.dependents(head) if before_name else ())]:
        dep = tree.tokens[child].dep
        if dep in _ROLES and tree.tokens[child].tag not in RELATIVE_TAGS and child != i:
            yield _ROLES[dep], child
            if dep == "dobj" and child not in tree.name_at:
                yield from (
                    ("object of", noun) for of in tree.prepositions(child, "of") for noun in tree.children(of, "pobj")
                )
        elif dep == "agent":
            yield from (("subject", noun) for noun in tree.children(child, "pobj"))
        elif dep == "prep":
            yield from _prepositional(tree, child)
    if tree.tokens[i].pos in {"VERB", "AUX"}:
        yield from _inherited(tree, i)
    elif tree.tokens[i].dep == "dobj" and tree.tokens[tree.tokens[i].head].lemma == "have":
        yield from (("possessor", owner) for owner in tree.subjects(tree.tokens[i].head))


def _prepositional(tree: Tree, i: int) -> Iterator[tuple[str, int]]:
    """The objects of a preposition, those of its coordination ("in 1990 and in 1994") and of chained ones included.

    "in the province of Ghent" gives Ghent in the role "in province of".
    """
    preposition = tree.tokens[i].lemma.lower()
    for noun in tree.children(i, "pobj"):
        yield preposition, noun
        if noun not in tree.name_at:
            through = f"{preposition} {tree.tokens[noun].lemma.lower()} of"
            yield from ((through, name) for of in tree.prepositions(noun, "of") for name in tree.children(of, "pobj"))
    for child in tree.children(i, "prep", "conj"):
        yield from _prepositional(tree, child)


def _inherited(tree: Tree, i: int) -> Iterator[tuple[str, int]]:
    """Roles of a verb that stand elsewhere: at the noun it modifies, or at the verb it is coordinated with."""
    token = tree.tokens[i]
    own = tree.children(i, "nsubj", "nsubjpass")
    if token.dep == "acl":
        yield "object" if token.tag == "VBN" else "subject", token.head
    elif token.dep == "relcl":
        yield _relative_role(tree, own), token.head
    elif token.dep == "conj" and tree.tokens[token.head].dep == "acl":
        yield "object" if token.tag == "VBN" else "subject", tree.tokens[token.head].head
    elif not own and token.lemma not in LINKING_VERBS:
        participle = token.tag == "VBN" and not tree.children(i, "dobj")
        for subject in tree.subjects(i):
            passive = token.dep == "advcl" or tree.tokens[subject].dep == "nsubjpass"
            yield "object" if participle and passive else "subject", subject


def _relative_role(tree: Tree, own: list[int]) -> str:
    """The role that the head of a relative clause plays in it."""
    for subject in own:
        if tree.tokens[subject].tag in RELATIVE_TAGS:
            return "object" if tree.tokens[subject].dep == "nsubjpass" else "subject"
    return "object" if own else "subject"
