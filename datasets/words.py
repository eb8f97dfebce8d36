"""English sentences as tokens, in the manner of the texts that GloVe was trained on."""

import re

_QUOTES = re.compile("''|``|[\u201c\u201d]")
_APOSTROPHES = re.compile("[\u2018\u2019`]")
_TOKEN = re.compile(
    r"""
    \w+?(?=n't\b) | n't\b           # do n't
    | '(?:s|re|ve|ll|d|m)\b         # it 's
    | \w+ | [^\w\s]                 # words and numbers; each other mark by itself
    """,
    re.VERBOSE,
)


def tokens(sentence: str) -> list[str]:
    """Lower-case words and marks; contractions are parted as the Penn Treebank parts them.

    >>> tokens("It's n't bad: don't leave ''early''!")
    ['it', "'s", "n't", 'bad', ':', 'do', "n't", 'leave', '"', 'early', '"', '!']
    """
    return _TOKEN.findall(_APOSTROPHES.sub("'", _QUOTES.sub('"', sentence.lower())))
