"""Good input -> bad input: the same for the same number, so that what failed can be looked at again."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

LARGEST = 20_000  # bytes of an input; what grows faster than its length shows well before

# What parsers of many kinds take for something.
PIECES = [
    b"\x00", b"\xff", b"\xfe\xff", b"\xff\xfe", b"\xef\xbb\xbf", b"\n", b"\r", b"\r\n\r\n", b"\t", b" ", b"\xc2\xa0", b"\xe2\x80\xa8", b"\xed\xa0\x80",
    b"\xe2\x80\xae", b"\xcc\x81\xcc\xa7", b"\xf0\x9f\x91\x8d", b'"', b"'", b"\\", b"\\u0000", b"\\ud800", b"<", b">", b"</", b"/>", b"<!--", b"-->",
    b"<![CDATA[", b"]]>", b"<!DOCTYPE x [<!ENTITY a 'b'>]>", b"<?xml version='1.0' encoding='utf-16'?>", b"&a;", b"&#0;", b"&#x10FFFF;", b"&#99999999999;",
    b"{", b"}", b"[", b"]", b"(", b")", b":", b";", b",", b"=", b"-", b"--", b"+", b"*", b"%", b"%00", b"../", b"//", b"@", b"#", b"?", b"|",
    b"0", b"-1", b"1e999", b"NaN", b"Infinity", b"99999999999999999999", b"9" * 400, b"2024-02-30", b"0000-00-00", b"9999-12-31T23:59:60+99:99", b"true", b"null",
    b"stream\n", b"endstream", b"endobj", b"xref", b"%%EOF", b"/Filter", b"/FlateDecode", b"PK\x03\x04", b"PK\x05\x06", b"Content-Type: ", b"charset=punycode",
    b"boundary=b", b"=?utf-8?q?=ff?=", b"-->", b"00:00:01.000 --> 00:00:02.000", b"<v ", b"NOT ", b" OR ", b"NEAR(", b"speaker:", b"since:", b'-"', b"javascript:",
    "„“”»«‚‘’".encode(), "ſßİıŉǰ".encode(), "١٢٣²½Ⅷ".encode(), b"@graph", b"ClaimReview", b"@type", b"<item>", b"<entry>", b"<url>", b"<loc>",
]  # fmt: skip


def mutated(seeds: Sequence[bytes], number: int, salt: str = "") -> bytes:
    """The input of this number: a seed with one to a dozen changes, at most ``LARGEST`` bytes; ``number`` 0 and on give the seeds themselves."""
    if number < len(seeds):
        return seeds[number]
    chance = random.Random(f"{salt} {number}")
    data = bytearray(chance.choice(seeds))
    for _ in range(1 + int(chance.expovariate(0.5))):
        _CHANGES[int(chance.random() * len(_CHANGES))](data, chance, seeds)
    return bytes(data[:LARGEST])


def floods(seeds: Sequence[bytes]) -> Iterator[bytes]:
    """The first seed with each piece in its middle, again and again up to ``LARGEST`` bytes: shows what takes time with the square of its length."""
    seed = seeds[0]
    middle, room = len(seed) // 2, LARGEST - len(seed)
    for piece in dict.fromkeys(PIECES):
        yield seed[:middle] + piece * max(1, room // len(piece)) + seed[middle:]


def _put_piece(data: bytearray, chance: random.Random, seeds: Sequence[bytes]) -> None:
    at = chance.randint(0, len(data))
    data[at:at] = chance.choice(PIECES)


def _put_over(data: bytearray, chance: random.Random, seeds: Sequence[bytes]) -> None:
    piece, at = chance.choice(PIECES), chance.randint(0, len(data))
    data[at : at + len(piece)] = piece


def _flood(data: bytearray, chance: random.Random, seeds: Sequence[bytes]) -> None:
    at = chance.randint(0, len(data))
    data[at:at] = chance.choice(PIECES) * chance.choice((2, 30, 1_000))


def _flip(data: bytearray, chance: random.Random, seeds: Sequence[bytes]) -> None:
    for _ in range(chance.randint(1, 8)):
        if data:
            data[chance.randrange(len(data))] = chance.randrange(256)


def _cut(data: bytearray, chance: random.Random, seeds: Sequence[bytes]) -> None:
    at = chance.randint(0, len(data))
    del data[at : at + chance.choice((1, 10, 100, len(data)))]


def _double(data: bytearray, chance: random.Random, seeds: Sequence[bytes]) -> None:
    at = chance.randint(0, len(data))
    part = data[at : at + chance.randint(1, 200)]
    data[at:at] = part * chance.choice((1, 2, 50))


def _move(data: bytearray, chance: random.Random, seeds: Sequence[bytes]) -> None:
    at = chance.randint(0, len(data))
    part = data[at : at + chance.randint(1, 100)]
    del data[at : at + len(part)]
    to = chance.randint(0, len(data))
    data[to:to] = part


def _splice(data: bytearray, chance: random.Random, seeds: Sequence[bytes]) -> None:
    other = chance.choice(seeds)
    data[chance.randint(0, len(data)) :] = other[chance.randint(0, len(other)) :]


_CHANGES = (_put_piece, _put_piece, _put_over, _flood, _flip, _flip, _cut, _double, _move, _splice)
