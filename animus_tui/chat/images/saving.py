"""Saving pictures where the user wants them, with their metadata inside and never over an existing file.

The folder is the configured one, until the user chooses another, which is kept in the data directory as
`save-folder.json`. That choice holds for as long as the configuration says what it said when it was made; a folder that
is configured later goes before it.
"""

from __future__ import annotations

import asyncio
import logging
import re
import shutil
import unicodedata
import zlib
from os import SEEK_CUR
from pathlib import Path
from stat import S_ISREG
from typing import TYPE_CHECKING, Any, BinaryIO

import msgspec
from msgspec import Struct, field

from animus_tui.addresses import without_secrets
from animus_tui.atomic import ensure_folder, write_atomically
from animus_tui.errors import UserError
from animus_tui.paths import expanded, obstacle, pictures_dir

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from animus_tui.chat.messages import ChatMessage, ImageRecord
    from animus_tui.chat.storage.conversation import StoredConversation

log = logging.getLogger(__name__)

FOLDER_FILE = "save-folder.json"
MOST_BYTES = 1 << 16
"""Bytes of the file that are read; a longer file is not ours."""
NAME_LENGTH = 60
"""Most characters of the prompt in a file name."""
NAME_BYTES = 200
"""Most bytes of them: file systems allow 255 for a whole name."""
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
"""How a time must begin that becomes a part of a name: a history may come from elsewhere."""

JPEG = frozenset({".jpg", ".jpeg", ".jpe", ".jfif"})
PICTURES = JPEG | {".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif", ".heic", ".svg"}
"""Suffixes that name a kind of picture."""
FILMS = frozenset({".mp4", ".m4v", ".mov", ".webm"})


class Saved(Struct, frozen=True):
    """What became of all pictures of a conversation."""

    folder: Path
    paths: tuple[Path, ...]
    """The files, in the order of the conversation."""
    failures: tuple[str, ...]
    """A sentence for each picture that was not saved."""

    @property
    def sentence(self) -> str:
        """How many there are and where; and of those that failed how many, and why the first one did."""
        done, failed = len(self.paths), len(self.failures)
        saved = f"Saved {_pictures(done)} to {self.folder}." if done else "No picture was saved."
        return f"{saved} {_pictures(failed)} could not be saved: {self.failures[0]}" if failed else saved


def file_name(record: ImageRecord, suffix: str) -> str:
    """A name from date and prompt: `2026-01-31-a-golden-sunset.png`."""
    prompt = unicodedata.normalize("NFC", record.prompt.lower())
    # What marks a letter belongs to it: vowels are written so in many scripts.
    kept = (c if c.isalnum() or c == "_" or unicodedata.category(c)[0] == "M" else " " for c in prompt)
    words = "-".join("".join(kept).split()).strip("-_")
    if len(words) > NAME_LENGTH or len(words.encode()) > NAME_BYTES:
        cut = words[: NAME_LENGTH + 1].encode()[:NAME_BYTES].decode(errors="ignore")
        words = cut.rpartition("-")[0] or cut[:NAME_LENGTH]
    date = record.created[:10] if DATE.match(record.created) else "undated"
    return f"{date}-{words or 'picture'}{suffix}"


def main_file(record: ImageRecord) -> str:
    """The path below the conversation's folder of what is worth saving: the clip, or else the picture."""
    return record.video or record.file


def save_picture(source: Path, record: ImageRecord, target: Path, *, numbered: bool = False) -> Path:
    """Copy the picture's file to `target`, a PNG with the facts of `record` inside, and return where it is.

    A folder (one that exists, or a path without a suffix) gets a name from date and prompt, with a
    number behind it when that is taken. A file that exists is left alone: UserError, as when the disk refuses.
    A name that promises another kind of picture gets the suffix of this one, and a number when that is taken, as
    every name does when `numbered`.
    """
    try:
        if target.is_dir() or not target.suffix:
            target.mkdir(parents=True, exist_ok=True)
            return _copy_to_free_name(source, record, target / file_name(record, source.suffix))[0]
        target.parent.mkdir(parents=True, exist_ok=True)
        honest = _with_true_suffix(target, source.suffix)
        if honest == target and not numbered:
            return _copy(source, record, target)
        return _copy_to_free_name(source, record, honest)[0]
    except FileExistsError as error:
        raise UserError(f"{target} exists already. Choose another name.") from error
    except OSError as error:
        raise _refused(source, target, error) from error


async def save_all(
    stored: StoredConversation, folder: Path, *, on_saved: Callable[[int, int], None] | None = None
) -> Saved:
    """Save every picture of a conversation, its variants too, into a folder, and go on past those that fail.

    Each gets a free name, as `save_picture` gives it. `on_saved` is told after each how many of how many are done.
    Cancelling stops after the picture that is being written. UserError: there is no picture, or no such folder.
    """
    records = await asyncio.to_thread(_records, iter(stored.messages))
    if not records:
        raise UserError("There is no picture in this conversation yet.")
    try:
        await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    except OSError as error:
        raise _refused(None, folder, error) from error
    paths: list[Path] = []
    failures: list[str] = []
    numbers: dict[str, int] = {}
    for done, record in enumerate(records, 1):
        try:
            paths.append(await asyncio.to_thread(_save_next, stored, record, folder, numbers))
        except UserError as error:
            failures.append(str(error))
        if on_saved is not None:
            on_saved(done, len(records))
    return Saved(folder, tuple(paths), tuple(failures))


def _save_next(
    stored: StoredConversation, record: ImageRecord, folder: Path, numbers: dict[str, int]
) -> Path:
    """Save one of many. `numbers`: name → the last number that it got, where the search for the next one begins."""
    source = stored.path_of(main_file(record))
    name = file_name(record, source.suffix)
    try:
        path, numbers[name] = _copy_to_free_name(source, record, folder / name, numbers.get(name, 0) + 1)
    except OSError as error:
        raise _refused(source, folder, error) from error
    return path


def _refused(source: Path | None, target: Path, error: OSError) -> UserError:
    reason = error.strerror or error
    if source is not None and error.filename == str(source):
        return UserError(f"The picture was not saved: its own file {source} cannot be read: {reason}.")
    return UserError(f"The picture was not saved to {target}: {reason}. Choose another folder.")


def _with_true_suffix(target: Path, true: str) -> Path:
    """`fox.jpg` of a PNG is `fox.png`; a suffix that belongs to no picture is part of the name."""
    own = target.suffix.lower()
    if own == true or (own in JPEG and true in JPEG):
        return target
    return target.with_suffix(true) if own in PICTURES | FILMS else target.with_name(target.name + true)


def _copy_to_free_name(source: Path, record: ImageRecord, target: Path, first: int = 1) -> tuple[Path, int]:
    """Where it is, and its number: the first from `first` on that was free; 1 stands for no number."""
    number = first
    while True:
        candidate = target if number == 1 else target.with_name(f"{target.stem}-{number}{target.suffix}")
        try:
            return _copy(source, record, candidate), number
        except FileExistsError:
            number += 1


def _copy(source: Path, record: ImageRecord, target: Path) -> Path:
    """A new file, whole or not there at all, whatever goes wrong."""
    with source.open("rb") as data:
        out = target.open("xb")
        try:
            with out:  # a full disk may refuse no sooner than when it is closed
                if source.suffix == ".png":
                    out.writelines(with_metadata(data.read(), metadata_of(record)))
                else:
                    shutil.copyfileobj(data, out)
        except BaseException:
            target.unlink(missing_ok=True)
            raise
    return target


def _records(messages: Iterable[ChatMessage]) -> list[ImageRecord]:
    """All pictures, each variant too, in the order of the conversation."""
    return [record for message in messages if message.image for record in message.variants or [message.image]]


def _pictures(number: int) -> str:
    return "1 picture" if number == 1 else f"{number:,} pictures"


class _Choice(Struct, frozen=True):
    folder: str
    """Absolute path."""
    in_place_of: str | None
    """What the configuration said when it was chosen."""


class SaveFolder:
    """Which folder is in force. Reading and changing ask the disk: some microseconds, and no more."""

    def __init__(self, data: Path, configured: str | None) -> None:
        """`data`: the data directory; `configured`: `save_dir` of `[image]`."""
        self._file = data / FOLDER_FILE
        self._configured = configured

    @property
    def current(self) -> Path:
        """The folder in force, which may be yet to be made. NoHomeError."""
        choice = self._read()
        if choice is not None and choice.in_place_of == self._configured:
            return expanded(choice.folder)
        return pictures_dir(self._configured)

    def change(self, text: str) -> Path:
        """Save there from now on, also after the next start; returns the folder.

        UserError: nothing can be written there, or the choice cannot be kept.
        """
        if not text.strip() or "\0" in text:
            raise UserError("The name of a folder is missing.")
        folder = expanded(text.strip())
        if (trouble := obstacle(folder)) is not None:
            raise UserError(f"Pictures cannot be saved there: {trouble}.")
        choice = _Choice(folder=str(folder), in_place_of=self._configured)
        try:
            ensure_folder(self._file.parent)
            write_atomically(self._file, msgspec.json.encode(choice))
        except (OSError, UnicodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "its name is not UTF-8"
            raise UserError(f"The choice of {folder} cannot be kept: {reason}.") from error
        return folder

    def _read(self) -> _Choice | None:
        try:
            with self._file.open("rb") as file:
                return msgspec.json.decode(file.read(MOST_BYTES), type=_Choice)
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            log.warning("%s does not count: %s", self._file, error)
            return None


# What an image was made from, written into a saved PNG and read from it again
#
# Three texts stand in the file. `Description` and `Creation Time` are keywords of the PNG specification and tell any
# program the prompt and the time (RFC 3339). `animus-chat` is all of it as JSON:
#
#     {"prompt": "A fox", "created": "2026-01-31T10:00:00.000Z", "seed": 7, "model": "flux-schnell",
#      "settings": {"width": 1024}, "source": "https://…", "width": 1024, "height": 1024}
#
# What is not known is left out. JPEG and WebP files are saved as they came and hold no metadata.
#
# PNG (Third Edition, 11.3.3) has three kinds of chunks for texts: `tEXt`, `zTXt` (compressed) and `iTXt` (UTF-8, may be
# compressed). `iTXt` is written; all three are read, as other programs rewrite one as another.

SIGNATURE = b"\x89PNG\r\n\x1a\n"
HEADER = b"\0\0\0\x0dIHDR"
AFTER_HEADER = len(SIGNATURE) + 25
"""Where the first chunk behind the header begins, in bytes: the header is 13 bytes long, its frame another 12."""
MOST_CHUNKS = 1 << 16
"""Chunks that are looked at."""
MOST_TEXT = 1 << 20
"""Bytes of one text as it is shown; a longer one is passed over."""
MOST_WORK = 16 << 20
"""Bytes of texts, packed and unpacked, after which nothing more is looked for in a file."""
KEYWORD_LENGTH = 79

_TEXT_CHUNKS = frozenset({b"tEXt", b"zTXt", b"iTXt"})
_NUL = b"\0"
KEYWORD = "animus-chat"
"""The PNG keyword of the whole metadata as JSON."""
LONGEST = MOST_TEXT - 100
"""Bytes of a text that is written: with its keyword it is read again."""
OTHER_PICTURES = {b"\xff\xd8\xff": "JPEG", b"RIFF": "WebP", b"GIF8": "GIF"}
"""The first bytes of other kinds of image files."""


class ImageMetadata(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What is known of one picture. None, 0 and empty: not known."""

    prompt: str
    created: str = ""
    """ISO 8601 UTC."""
    seed: int | None = None
    model: str | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    """What else was sent beside the prompt, by its name on the wire."""
    source: str | None = None
    """Address of the picture that was changed, without what may be secret in it."""
    width: int = 0
    """Pixels."""
    height: int = 0
    """Pixels."""


def metadata_of(record: ImageRecord) -> ImageMetadata:
    """What is known of a picture in a history."""
    others = {name: value for name, value in record.settings.items() if name not in ("seed", "model")}
    model = record.model or record.settings.get("model")
    return ImageMetadata(
        prompt=record.prompt,
        created=record.created,
        seed=record.seed,
        model=model if isinstance(model, str) else None,
        settings=others,
        source=_source(record.source_url),
        width=record.width,
        height=record.height,
    )


def with_metadata(picture: bytes, metadata: ImageMetadata) -> list[bytes | memoryview]:
    """The file in pieces, with the metadata inside when it is a PNG, and as it is otherwise."""
    try:
        return with_texts(picture, _texts(metadata))
    except ValueError:
        return [picture]


def read_metadata(path: Path) -> ImageMetadata:
    """What a saved picture tells. UserError when it tells nothing. Reads a bounded part of the file."""
    try:
        if not S_ISREG(path.stat().st_mode):
            raise UserError(f"{path} is not a file.")
        with path.open("rb") as file:
            start = file.read(4)
            file.seek(0)
            texts = read_texts(file, (KEYWORD,))
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror or error}.") from error
    except ValueError as error:
        kind = next((name for begin, name in OTHER_PICTURES.items() if start.startswith(begin)), None)
        if kind is None:
            raise UserError(f"{path} is not a picture with generation metadata.") from error
        raise UserError(f"{path} is a {kind} picture; only PNG pictures have generation metadata.") from error
    if KEYWORD not in texts:
        raise UserError(f"No generation metadata in {path}.")
    try:
        return msgspec.json.decode(texts[KEYWORD], type=ImageMetadata)
    except (ValueError, RecursionError) as error:
        raise UserError(f"The generation metadata in {path} is damaged.") from error


def _texts(metadata: ImageMetadata) -> dict[str, str]:
    """Keyword → text; what is too long to be read again is left out."""
    texts = {
        "Description": metadata.prompt,
        "Creation Time": metadata.created,
        KEYWORD: msgspec.json.encode(metadata).decode(),
    }
    return {
        keyword: text
        for keyword, text in texts.items()
        if text and len(text.encode(errors="replace")) <= LONGEST
    }


def _source(url: str | None) -> str | None:
    """A `data:` address is the picture itself, which nobody wants to read."""
    return without_secrets(url) if url and url.startswith("http") else None


def with_texts(png: bytes, texts: Mapping[str, str]) -> list[bytes | memoryview]:
    """The file in pieces, with these texts right behind the header; all that is picture stays byte for byte.

    `texts`: keyword (1 to 79 characters of Latin-1) → text. A text before the picture's data that has one of
    these keywords already goes. ValueError when `png` does not begin as a PNG does.
    """
    if not png.startswith(SIGNATURE + HEADER) or len(png) < AFTER_HEADER:
        raise ValueError("This is no PNG.")
    whole = memoryview(png)
    written = b"".join(_chunk(b"iTXt", _international(keyword, text)) for keyword, text in texts.items())
    pieces: list[bytes | memoryview] = [whole[:AFTER_HEADER], written]
    at = kept = AFTER_HEADER
    for _ in range(MOST_CHUNKS):
        kind, end = png[at + 4 : at + 8], at + 12 + int.from_bytes(png[at : at + 4], "big")
        if kind in (b"IDAT", b"IEND") or end > len(png):
            break
        if kind in _TEXT_CHUNKS and _keyword(png[at + 8 : min(end - 4, at + 9 + KEYWORD_LENGTH)]) in texts:
            pieces.append(whole[kept:at])
            kept = end
        at = end
    pieces.append(whole[kept:])
    return pieces


def read_texts(file: BinaryIO, wanted: Collection[str]) -> dict[str, str]:
    """The texts with these keywords, of several with the same one the first. `file` can be sought in.

    Of a broken file, what stands before the break. ValueError when it does not begin as a PNG does, OSError.
    """
    if file.read(len(SIGNATURE)) != SIGNATURE:
        raise ValueError("This is no PNG.")
    found: dict[str, str] = {}
    work = 0
    for _ in range(MOST_CHUNKS):
        head = file.read(8)
        length, kind = int.from_bytes(head[:4], "big"), head[4:]
        if len(kind) < 4 or kind == b"IEND" or work > MOST_WORK or len(found) == len(wanted):
            break
        if kind not in _TEXT_CHUNKS or length > MOST_TEXT:
            file.seek(length + 4, SEEK_CUR)
            continue
        data, check = file.read(length), file.read(4)
        work += length
        keyword = _keyword(data)
        if (
            keyword not in wanted
            or keyword in found
            or zlib.crc32(kind + data) != int.from_bytes(check, "big")
        ):
            continue
        text = _text(kind, data[len(keyword) + 1 :])
        work += MOST_TEXT if text is None else len(text)
        if text is not None:
            found[keyword] = text
    return found


def _chunk(kind: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")


def _international(keyword: str, text: str) -> bytes:
    """The data of an `iTXt` chunk: not compressed, no language, no translated keyword."""
    plain = text.replace("\0", "").replace("\r\n", "\n").encode("utf-8", "replace")
    return keyword.encode("latin-1") + _NUL + b"\0\0" + _NUL + _NUL + plain


def _keyword(data: bytes) -> str:
    """The keyword that a text chunk's data begins with; blank when there is none."""
    name, nul, _ = data[: KEYWORD_LENGTH + 1].partition(_NUL)
    return name.decode("latin-1") if nul else ""


def _text(kind: bytes, data: bytes) -> str | None:
    """The text behind the keyword; None when it is broken or too long."""
    encoding, packed, plain = "latin-1", kind == b"zTXt", data
    if kind == b"zTXt":
        plain = data[1:]
    elif kind == b"iTXt":
        encoding, packed = "utf-8", data[:1] == b"\1"
        _, _, plain = data[2:].partition(_NUL)  # language
        _, _, plain = plain.partition(_NUL)  # the keyword in that language
    if packed:
        unpacking = zlib.decompressobj()
        try:
            plain = unpacking.decompress(plain, MOST_TEXT + 1)
        except zlib.error:
            return None
        if not unpacking.eof:  # cut off, or longer than anybody reads
            return None
    return plain.decode(encoding, "replace")
