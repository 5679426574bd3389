"""Character cards in every form in which they are passed around, made here; and cards that mean no good."""

from __future__ import annotations

import base64
import json
import zipfile
import zlib
from io import BytesIO
from typing import TYPE_CHECKING, Any

from animus_tui.png_chunks import SIGNATURE, chunk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from animus_tui.characters.lorebook import Lorebook

V1: dict[str, Any] = {
    "name": "Ann Sea",
    "description": "{{char}} cooks on a ship.",
    "personality": "calm, dry",
    "scenario": "{{user}} asks for soup.",
    "first_mes": "Sit down, {{user}}.",
    "mes_example": "<START>\n{{user}}: Hungry.\n{{char}}: I know.\n<START>\n{{char}}: Eat.",
}
V2_DATA: dict[str, Any] = V1 | {
    "creator_notes": "# A cook at sea\n\nFor quiet talks.",
    "system_prompt": "{{original}} Write two sentences.",
    "post_history_instructions": "{{original}}Stay at sea.",
    "alternate_greetings": ["Mind the step.", "You again."],
    "character_book": {
        "name": "The ship",
        "scan_depth": 3,
        "token_budget": 200,
        "recursive_scanning": False,
        "extensions": {"kept": 1},
        "entries": [
            {
                "keys": ["stove", "fire"],
                "content": "The stove is from Riga.",
                "extensions": {},
                "enabled": True,
                "insertion_order": 10,
                "case_sensitive": False,
                "name": "stove",
                "priority": 5,
                "id": 1,
                "comment": "kept",
                "selective": False,
                "secondary_keys": [],
                "constant": False,
                "position": "before_char",
            }
        ],
    },
    "tags": ["sea", "food"],
    "creator": "somebody",
    "character_version": "1.2",
    "extensions": {"other/program": {"voice": [1, None, {"deep": True}]}},
}
V3_DATA: dict[str, Any] = V2_DATA | {
    "nickname": "Annie",
    "group_only_greetings": ["All of you?"],
    "creator_notes_multilingual": {"de": "Eine Köchin"},
    "source": ["https://example.com/1"],
    "creation_date": 1700000000,
    "modification_date": 1700000001,
    "assets": [{"type": "icon", "uri": "ccdefault:", "name": "main", "ext": "png"}],
}


def v2(data: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """A card of version 2."""
    return {"spec": "chara_card_v2", "spec_version": "2.0", "data": {**(data or V2_DATA), **changes}}


def v3(**changes: Any) -> dict[str, Any]:
    """A card of version 3."""
    return {"spec": "chara_card_v3", "spec_version": "3.0", "data": {**V3_DATA, **changes}}


def as_json(card: Any, **options: Any) -> bytes:
    """A card as the text of a file."""
    return json.dumps(card, **options).encode()


def packed(card: Any) -> bytes:
    """A card as PNGs have it."""
    return base64.b64encode(card if isinstance(card, bytes) else as_json(card, ensure_ascii=False))


def text(keyword: bytes, content: bytes, kind: bytes = b"tEXt") -> bytes:
    """A chunk of a PNG with a text, in one of its three forms; `iTXtz` is the packed form of the third."""
    if kind == b"zTXt":
        return chunk(kind, keyword + b"\0\0" + zlib.compress(content))
    if kind == b"iTXt":
        return chunk(kind, keyword + b"\0\0\0\0\0" + content)
    if kind == b"iTXtz":
        return chunk(b"iTXt", keyword + b"\0\1\0\0\0" + zlib.compress(content))
    return chunk(kind, keyword + b"\0" + content)


def header(width: int = 4, height: int = 6) -> bytes:
    """The first chunk of a PNG of 8-bit RGB."""
    return chunk(b"IHDR", width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([8, 2, 0, 0, 0]))


def pixels(width: int = 4, height: int = 6) -> bytes:
    """The pixels of such a PNG, of one colour."""
    return chunk(b"IDAT", zlib.compress((b"\0" + b"\x80\x40\x20" * width) * height))


END = chunk(b"IEND", b"")


def png(*texts: bytes, before: bytes = b"", end: bytes = END, width: int = 4, height: int = 6) -> bytes:
    """A PNG with chunks of text in front of its end, or `before` its pixels."""
    return SIGNATURE + header(width, height) + before + pixels(width, height) + b"".join(texts) + end


def charx(card: Any, files: dict[str, bytes] | None = None) -> bytes:
    """A CharX archive."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("card.json", card if isinstance(card, bytes) else as_json(card))
        for name, data in (files or {}).items():
            archive.writestr(name, data)
    return out.getvalue()


def corpus() -> dict[str, bytes]:
    """File name → bytes, of cards that can be read; all are of the same character."""
    icon = [{"type": "icon", "uri": "embeded://assets/icon/images/main.png", "name": "main", "ext": "png"}]
    data_uri = "data:image/png;base64," + base64.b64encode(png()).decode()
    old = {"char_name": V1["name"], "char_persona": V1["description"], "world_scenario": V1["scenario"]}
    old |= {"char_greeting": V1["first_mes"], "example_dialogue": V1["mes_example"]}
    cards = {"v1": V1, "v2": v2(), "v3": v3()}
    found: dict[str, bytes] = {}
    for name, card in cards.items():
        found[f"{name}.json"] = as_json(card)
        found[f"{name} indented.json"] = as_json(card, indent=4, ensure_ascii=False)
        found[f"{name} with a mark.json"] = b"\xef\xbb\xbf" + as_json(card)
        keyword = b"ccv3" if name == "v3" else b"chara"
        for kind in (b"tEXt", b"zTXt", b"iTXt", b"iTXtz"):
            found[f"{name} {kind.decode()}.png"] = png(text(keyword, packed(card), kind))
        found[f"{name} before its pixels.png"] = png(before=text(keyword, packed(card)))
        found[f"{name} as chara.png"] = png(text(b"chara", packed(card)))
    found |= {
        "pygmalion.json": as_json(old),
        "v1 with more.json": as_json({**V1, "avatar": "none", "chat": "x", "create_date": "2023"}),
        "v2 and v1.json": as_json({**V1, **v2()}),
        "v2 without spec.json": as_json({"data": V2_DATA}),
        "v2 of a later version.json": as_json({**v2(), "spec_version": "2.7"}),
        "v3 of a later version.json": as_json({**v3(), "spec_version": "3.9"}),
        "v2 with nulls.json": as_json(v2(character_book=None, tags=None, alternate_greetings=None)),
        "v2 with numbers.json": as_json(v2(character_version=2)),
        "v2 with unknown fields.json": as_json(v2(unheard_of={"a": [1]})),
        "v2 and v3.png": png(text(b"chara", packed(v2(name="Old"))), text(b"ccv3", packed(v3()))),
        "v3 first.png": png(text(b"ccv3", packed(v3())), text(b"chara", packed(v2(name="Old")))),
        "capital keyword.png": png(text(b"Chara", packed(v2()))),
        "without padding.png": png(text(b"chara", packed(v2()).rstrip(b"="))),
        "broken lines.png": png(
            text(b"chara", b"\n".join(packed(v2())[at : at + 76] for at in range(0, 9999, 76)))
        ),
        "for addresses.png": png(text(b"chara", packed(v2()).translate(bytes.maketrans(b"+/", b"-_")))),
        "no base64.png": png(text(b"chara", as_json(v2()))),
        "other texts.png": png(
            text(b"Software", b"x"), text(b"chara", packed(v2())), text(b"parameters", b"y")
        ),
        "broken then whole.png": png(text(b"ccv3", b"!"), text(b"chara", packed(v2()))),
        "wrong check.png": png(text(b"chara", packed(v2()))[:-4] + b"\0\0\0\0"),
        "bytes behind the end.png": png(text(b"chara", packed(v2()))) + b"more" * 99,
        "icon in it.charx": charx(v3(assets=icon), {"assets/icon/images/main.png": png()}),
        "without icon.charx": charx(v3()),
        "icon in the address.json": as_json(v3(assets=[{**icon[0], "uri": data_uri}])),
        "half a character.json": as_json(v2(creator="x")).replace(b'"creator": "x"', b'"creator": "\\ud83d"'),
    }
    return found


def characters_in_four(text: str) -> int:
    """A plain count of tokens: one for each four characters, rounded up."""
    return (len(text) + 3) // 4


def told_by(book: Lorebook, texts: Sequence[str], budget: int | None = None) -> list[str]:
    """The texts of a lorebook that these messages bring up; the budget is its own unless another is given."""
    tokens = book.token_budget if budget is None else budget
    return [entry.content for entry in book.matched(texts, tokens, characters_in_four)]
