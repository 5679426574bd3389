"""Files that mean no good to who imports them as character cards, each with a name; made here, in memory."""

from __future__ import annotations

import base64
import json
import random
import zipfile
import zlib
from io import BytesIO
from typing import Any

from animus_tui.png_chunks import SIGNATURE, chunk
from tests.support.cards import (
    END,
    V2_DATA,
    V3_DATA,
    as_json,
    charx,
    header,
    packed,
    pixels,
    png,
    text,
    v2,
    v3,
)

MEGABYTES = 40
"""Of what is unpacked from a bomb of a few kilobytes."""


def chara(content: bytes, kind: bytes = b"tEXt") -> bytes:
    """A PNG with one text."""
    return png(text(b"chara", content, kind))


def refused() -> dict[str, bytes]:
    """Name → bytes, of files that have no card that could be read."""
    bomb = b" " * (MEGABYTES << 20)
    deep = b'{"name": "x", "description": "y", "z": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    deep_dict = b'{"name": "x", "description": "y", "z": ' + b'{"a":' * 90 + b"1" + b"}" * 90 + b"}"
    many = b'{"name": "x", "description": "y", "z": [' + b"0," * 500_000 + b"0]}"
    found = {
        "empty": b"",
        "blanks": b" \n\0 ",
        "nothing but a signature": SIGNATURE,
        "a signature and noise": SIGNATURE + random.Random(1).randbytes(5000),
        "no png": b"\x89PNG\r\n" + pixels(),
        "jpeg": b"\xff\xd8\xff\xe0" + bytes(100),
        "webp": b"RIFF\0\0\0\0WEBP",
        "gif": b"GIF89a" + bytes(100),
        "noise": random.Random(2).randbytes(5000),
        "html": b"<!doctype html><title>404</title>",
        "a picture without a card": png(),
        "a card behind the end": png() + text(b"chara", packed(v2())),
        "another keyword": png(text(b"character", packed(v2()))),
        "a null": b"null",
        "a list": as_json([v2()]),
        "a list in a png": chara(packed([v2()])),
        "a number": b"5",
        "a text": b'"name"',
        "an empty object": b"{}",
        "an empty card": as_json({"spec": "chara_card_v2", "spec_version": "2.0", "data": []}),
        "another json": as_json({"a": 1, "b": [2]}),
        "a conversation": as_json({"name": "x", "messages": []}),
        "a lorebook alone": as_json({"spec": "lorebook_v3", "data": {"entries": []}}),
        "blank fields": as_json({"name": " ", "description": "", "first_mes": "\n"}),
        "half an object": as_json(v2())[:-50],
        "half of it in a png": chara(base64.b64encode(as_json(v2())[:-50])),
        "two objects": as_json(v2()) * 2,
        "deep lists": deep,
        "deep lists in a png": chara(packed(deep)),
        "deep objects": deep_dict,
        "deeper than any stack": b'{"name":' * 200_000,
        "many values": many,
        "many values in a png": chara(packed(many)),
        "megabytes of text": as_json(v2(description="x" * (17 << 20))),
        "megabytes in a png": chara(packed(v2(description="x" * (17 << 20)))),
        "a bomb, zTXt": chara(bomb, b"zTXt"),
        "a bomb, iTXt": chara(bomb, b"iTXtz"),
        "a bomb of base64": chara(base64.b64encode(bomb), b"zTXt"),
        "a bomb that goes on": png(chunk(b"zTXt", b"chara\0\0" + zlib.compress(bomb)[:-100])),
        "a bomb in an archive": charx(bomb),
        "no base64": chara(b"%%%% not base64 %%%%"),
        "half of its base64": chara(packed(v2())[:-333]),
        "a letter too many": chara(
            packed(v2()).rstrip(b"=") + b"AAAAA"[: 1 + len(packed(v2()).rstrip(b"=")) % 4]
        ),
        "base64 of noise": chara(base64.b64encode(random.Random(3).randbytes(5000))),
        "base64 of base64": chara(base64.b64encode(packed(v2()))),
        "no zlib": png(chunk(b"zTXt", b"chara\0\0" + bytes(99))),
        "half of its zlib": png(chunk(b"zTXt", b"chara\0\0" + zlib.compress(packed(v2()))[:-300])),
        "packed, iTXt of noise": png(chunk(b"iTXt", b"chara\0\1\0\0\0" + b"noise")),
        "iTXt without ends": png(chunk(b"iTXt", b"chara\0\1")),
        "a keyword alone": png(chunk(b"tEXt", b"chara")),
        "an empty text": chara(b""),
        "a text of nulls": chara(bytes(1000)),
        "a chunk longer than the file": SIGNATURE + header() + b"\x7f\xff\xff\xfftEXtchara\0" + packed(v2()),
        "the longest chunk": SIGNATURE + header() + b"\xff\xff\xff\xfftEXtchara\0" + packed(v2()),
        "a chunk shorter than its text": png(b"\0\0\0\x10" + text(b"chara", packed(v2()))[4:]),
        "chunks of nothing": SIGNATURE + chunk(b"tEXt", b"") * 50_000 + text(b"chara", packed(v2())),
        "no chunk is whole": SIGNATURE + b"\0\0\0",
        "invalid utf-8": as_json(v2()).replace(b"Ann", b"A\xff\xfe"),
        "invalid utf-8 in a png": chara(packed(as_json(v2()).replace(b"Ann", b"A\xc3"))),
        "utf-16": json.dumps(v2()).encode("utf-16"),
        "infinity": as_json(v2(x=float("inf"))),
        "not a number": as_json(v2(x=float("nan"))),
        "infinity and half a character": as_json(v2(x=float("inf"), y="\ud800")),
        "a null character in the json": as_json(v2()).replace(b"Ann", b"A\0n"),
        "a control in the json": as_json(v2()).replace(b"Ann", b"A\x1bn"),
        "no escape": as_json(v2()).replace(b"Ann", b"\\u12"),
        "digits without an end": as_json(v2(x=1)).replace(b'"x": 1', b'"x": ' + b"1" * 1_000_000 + b"x"),
        "an archive without a card": archive({"a.txt": b"x"}),
        "an archive of noise": b"PK\x03\x04" + random.Random(4).randbytes(5000),
        "half an archive": charx(v3())[:-40],
        "an archive with a folder for a card": archive({"card.json/": b""}),
        "an archive of an archive": archive({"card.json": charx(v3())}),
        "an archive with many files": archive(
            {f"{at}": b"" for at in range(10_001)} | {"card.json": as_json(v3())}
        ),
        "an encrypted archive": encrypted(charx(v3())),
        "an archive with another method": charx(v3()).replace(b"\x08\0", b"\x61\0"),
        "more than a file may have": bytes(65 << 20),
    }
    texts = {"chara": packed(v2()), "ccv3": packed(v3())}
    for keyword, content in texts.items():
        for number, at in enumerate(range(7, len(content) - 8, len(content) // 12)):
            found[f"cut, {keyword} {number}"] = png(text(keyword.encode(), content[:at]))
    whole = SIGNATURE + header() + text(b"chara", packed(v2())) + pixels() + END
    for at in range(1, 60, 3):
        found[f"the first {at} bytes of a file"] = whole[:at]
    return found


def harmless() -> dict[str, tuple[bytes, Any]]:
    """Name → bytes, and the part of the notices that tells of it (None: nothing is told), of cards that can be read."""
    number = 10_000
    entry = {"keys": ["a"], "content": "b", "enabled": True, "insertion_order": 1, "extensions": {}}
    whole = text(b"chara", packed(v2()))
    greetings = v2(alternate_greetings=["Hi."] * number)
    odd = "could not be read: "
    found: dict[str, tuple[bytes, Any]] = {
        "greetings": (as_json(greetings), "200 are used; 9800 more"),
        "greetings in a png": (chara(packed(greetings)), "200 are used; 9800 more"),
        "long greetings": (
            as_json(v2(alternate_greetings=["x" * 300_000] * 9)),
            "Cut after 200,000 characters",
        ),
        "a long description": (
            as_json(v2(description="x" * 5_000_000)),
            "Cut after 200,000 characters: description",
        ),
        "a long name": (as_json(v2(name="Ann Sea " * 100_000)), "Cut after"),
        "a huge lorebook": (as_json(v2(character_book={"entries": [entry] * number})), "first 5,000 entries"),
        "many keys": (
            as_json(v2(character_book={"entries": [{**entry, "keys": ["k"] * 30_000}]})),
            "10,000 keys",
        ),
        "long keys": (
            as_json(v2(character_book={"entries": [{**entry, "keys": ["k" * 9999]}]})),
            "keys of more than",
        ),
        "hostile regular expressions": (
            as_json(v2(character_book={"entries": [{**entry, "keys": ["/(a+)+$/", "(a+)+$"]}]})),
            "regular expressions",
        ),
        "odd entries": (
            as_json(
                v2(character_book={"entries": [5, None, [], entry, {**entry, "keys": 5, "enabled": "yes"}]})
            ),
            f"{odd}character_book",
        ),
        "odd depths": (
            as_json(v2(character_book={"entries": [entry], "scan_depth": -(10**30), "token_budget": "x"})),
            f"{odd}character_book",
        ),
        "duplicate texts": (png(*[whole] * 500), None),
        "broken texts before it": (
            png(*[text(b"ccv3", b"!")] * 500, whole),
            "Another card in it could not be read",
        ),
        "a large picture": (png(whole, width=8_000, height=5_001), "more than 40 megapixels"),
        "a huge picture": (SIGNATURE + header(2**32 - 1, 2**32 - 1) + pixels() + whole + END, "megapixels"),
        "a picture of no width": (SIGNATURE + header(0, 5) + pixels() + whole + END, "picture is damaged"),
        "no header": (SIGNATURE + whole + pixels() + END, "picture is damaged"),
        "no pixels": (SIGNATURE + header() + whole + END, "picture is damaged"),
        "no end": (png(whole, end=b""), "picture is damaged"),
        "a lie behind the card": (png(whole, end=b"\x7f\xff\xff\xffIDAT"), "picture is damaged"),
        "a header of another length": (SIGNATURE + chunk(b"IHDR", b"x") + pixels() + whole + END, "damaged"),
        "escapes": (as_json(v2(first_mes="\x1b]52;c;eA==\x07\x1b[2J\x9b31m", name="A\x1b[8mnn")), None),
        "directions": (as_json(v2(name="\u202enimda\u2066", tags=["\u202e"] * 9)), None),
        "nulls": (as_json(v2(first_mes="a\0b", name="A\0")), None),
        "halves of characters": (as_json(v2(first_mes="a\ud83d", name="\udc00Ann", tags=["\ud800"])), None),
        "keys with halves": (as_json(v2(extensions={"\ud800": 1})), None),
        "a placeholder for another picture": (as_json(v2(name="\U0010eeeeAnn")), None),
        "markup": (
            as_json(v2(name="[bold red]Ann[/]", creator_notes="[@click=app.quit]x[/]<b>" * 999)),
            None,
        ),
        "macros without an end": (as_json(v2(system_prompt="{{original}}" * 5000 + "{{//" * 30_000)), None),
        "examples without an end": (as_json(v2(mes_example="<START>" * 28_000)), None),
        "tags without an end": (as_json(v2(creator_notes="<" * 60_000 + "![" * 60_000 + "](")), None),
        "the same key again": (as_json(v2())[:-2] + b',"name":"Again","name":5}}', f"{odd}name"),
        "a number of thousands of digits": (as_json(v2()).replace(b'"1.2"', b"1" * 4000), None),
        "a foreign extension": (as_json(v2(extensions={"animus_chat": [1]})), f"{odd}extensions"),
        "settings that are not allowed": (
            as_json(
                v2(
                    extensions={
                        "animus_chat": {
                            "sampling": {"temperature": 99, "api_key": "x"},
                            "image": {"save_dir": "/"},
                        }
                    }
                )
            ),
            f"{odd}extensions",
        ),
        "an address for a picture": (
            as_json(v3(assets=[{"type": "icon", "uri": "file:///etc/passwd", "name": "main", "ext": "png"}])),
            None,
        ),
        "an address of noise": (
            as_json(v3(assets=[{"type": "icon", "uri": "data:image/png;base64,%%%", "name": "main"}])),
            None,
        ),
        "a path out of the archive": (
            charx(
                v3(assets=[{"type": "icon", "uri": "embeded://../../etc/passwd", "name": "main"}]),
                {"../../etc/passwd": b"x"},
            ),
            "Its picture cannot be used",
        ),
        "an icon that is a bomb": (
            charx(
                v3(assets=[{"type": "icon", "uri": "embeded://i.png", "name": "main"}]),
                {"i.png": SIGNATURE + bytes(33 << 20)},
            ),
            "Its picture cannot be used",
        ),
    }
    wrong: tuple[Any, ...] = (5, True, [[]], {"a": {}}, [None], 1e300)
    for key in V3_DATA:
        if key in ("source", "creation_date", "modification_date", "creator_notes_multilingual"):
            continue
        for number, value in enumerate(wrong):
            told: str | None = f"{odd}{key}"
            if (key == "character_version" and not isinstance(value, list | dict)) or (
                isinstance(value, list | dict)
                and (key, type(value)) in (("assets", list), ("extensions", dict))
            ):
                told = None
            found[f"{key}, wrong type {number}"] = as_json(v3(**{key: value})), told
    for key in V2_DATA:
        found[f"without {key}"] = as_json(v2({k: v for k, v in V2_DATA.items() if k != key})), None
    return found


def archive(files: dict[str, bytes]) -> bytes:
    """A zip archive."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, data in files.items():
            made.writestr(name, data)
    return out.getvalue()


def encrypted(data: bytes) -> bytes:
    """An archive that says that its files are encrypted."""
    local, central = data.index(b"PK\x03\x04") + 6, data.index(b"PK\x01\x02") + 8
    return data[:local] + b"\x01" + data[local + 1 : central] + b"\x01" + data[central + 1 :]
