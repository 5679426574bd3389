"""A service, a history and a configuration in which every text is hostile, and what must never come of it."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from animus_tui.chat.images.metadata import ImageMetadata, with_metadata
from tests.support.chat_service import png

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SHOWN = "[b]Qz[/b]"
"""What stands on the screen as it is written here; read as markup, its brackets would be gone."""
HOSTILE = (
    f"{SHOWN} [/][@click=app.quit]Qx[/][link=file:///]Ql"
    "\x1b[7777;7777H\x9b7777m\x1b]777;Qt\x07\x9d777;Qt\x9c\x1bPQt\x1b\\\x90Qt\x9c\x1b_Qt\x1b\\\x1b^Qt\x1b\\\x1bXQt\x1b\\"
    "\x1bc\x1b#8\u202eoverride\u2066isolate\u200bzero\u200dwidth\ufeff\x00\x05\x07\x08\x0e\x7f\x85\u2028\U0010eeee"
)
OBEYED = re.compile(
    rb"(?:\x1b\[|\xc2\x9b)7777|Qt|\xc2[\x80-\x9f]|[\x00\x05\x7f]|\x1bc|\x1b#8"
    rb"|\xe2\x80[\xa8-\xae]|\xe2\x81[\xa6-\xaf]"
)
"""Bytes that no terminal may get of it."""
HUGE = HOSTILE + f" {SHOWN} word" * 70_000
"""A megabyte."""
LONG = HOSTILE + f" {SHOWN} word" * 500
"""Ten kilobytes."""


def answer(path: str, body: dict[str, Any], text: str, words: str) -> tuple[int, Any]:
    """Status and JSON of what the service answers; `text` stands in every field, `words` in what is said."""
    said = str((body.get("messages") or [{}])[-1].get("content", ""))
    if path.endswith("/chat/completions") and "fail" in said:
        return 402, {"error": text, "message": text, "required": text, "available": text, text: 5}
    if path.endswith("/chat/completions"):
        call = {"id": text, "type": text, "function": {"name": text, "arguments": text}}
        message = {
            "role": "assistant",
            "content": f"{words}\n\n```{text}\n{words}\n```\n\n| {words} | b |\n|---|---|\n| {words} | {words} |\n\n"
            f'[{words}](https://example.com/{words} "{words}")\n\n# {words}\n\n- {words}\n\n> {words}\n\n<{words}>',
            "reasoning": words,
            "tool_calls": [call, {"function": text}, {text: text}],
            "turns": [words, words],
            "image_prompt": text,
        }
        choice = {"index": 0, "message": message, "finish_reason": text}
        return 200, {"id": text, "model": text, "choices": [choice], "compliance_violations": [text, text]}
    if path.endswith("/generate/image"):
        return 500, {"detail": [{"loc": ["body", text], "msg": text, "type": text}]}
    if "/characters" in path:
        character = {
            "character_id": text,
            "name": text,
            "description": text,
            "status": text,
            "current_step": text,
            "dataset_status": text,
            "face_lora_status": text,
            "created_at": text,
        }
        return 200, {"characters": [character], "pagination": {"has_more": False}}
    group = {
        "group_id": "group",
        "title": text,
        "description": text,
        "group_type": text,
        "status": text,
        "created_at": text,
        "generation_count": 3,
    }
    if path.endswith("/groups"):
        return 200, {"groups": [group, {**group, "group_id": text}], "pagination": {"has_more": False}}
    generations = [
        {"generation_id": text, "prompt": prompt, "status": "done", "result_urls": [text], "created_at": text}
        for prompt in (text, "")
    ]
    return 200, {**group, "generations": generations, "pagination": {"has_more": False}}


@contextmanager
def hostile_service(text: str, words: str) -> Iterator[str]:
    """Its address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer({})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self._answer(json.loads(body or b"{}"))

        def _answer(self, body: dict[str, Any]) -> None:
            status, told = answer(self.path.partition("?")[0], body, text, words)
            data = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def write_conversation(data: Path, name: str, text: str, words: str) -> None:
    """A conversation with `text` wherever a file of it can hold a text, and `words` where that is what was said."""
    folder = data / "conversations" / name
    (folder / "images").mkdir(parents=True)
    picture = b"".join(
        with_metadata(png(64, 48), ImageMetadata(prompt=text, model=text, settings={text: text}))
    )
    file = f"images/{hashlib.sha256(picture).hexdigest()}.png"
    (folder / file).write_bytes(picture)
    record = {
        "prompt": text,
        "url": text,
        "file": file,
        "settings": {"model": text, "seed": text, "guidance_scale": text, text: text, "width": 64},
        "source_url": text,
        "created": text,
        "width": 64,
        "height": 48,
        "model": text,
        "generation_id": text,
    }
    calls = [{"function": {"name": text}}, {"function": text}, {"function": [text]}, {text: text}]
    said = [
        {"id": "u1", "role": "user", "content": words, "timestamp": text, "name": text},
        {
            "id": text,
            "role": "assistant",
            "content": words,
            "turns": [words, f"# {words}\n\n```{text}\n{words}\n```"],
            "reasoning": words,
            "tool_calls": calls,
            "tool_call_id": text,
            "image_prompt": text,
            "compliance_violations": [text, text],
            "outcome": "failed",
            "timestamp": text,
        },
        {"id": "t1", "role": "tool", "content": words, "tool_call_id": text},
        {
            "id": "p1",
            "role": "assistant",
            "content": words,
            "image": {**record, "file": f"images/{text[:60]}"},
        },
        {
            "id": "p2",
            "role": "assistant",
            "content": words,
            "image": record,
            "variants": [record, {**record, "seed": 1}],
            "reply_to": text,
        },
        {"id": "u2", "role": "user", "content": words},
    ]
    (folder / "history.json").write_text(json.dumps(said), encoding="utf-8")
    description = {
        "id": name,
        "title": text,
        "model": text,
        "name": text,
        "system_message": text,
        "pictures": {"negative": text, "model": text, "character": text, "group": text},
        "character_name": text,
        "created": text,
    }
    (folder / "conversation.json").write_text(json.dumps(description), encoding="utf-8")
    (folder / "jobs").mkdir()
    job = {
        "image_id": "j1",
        "generation_id": text,
        "prompt": text,
        "settings": {text: text},
        "created": text,
        "source_url": text,
    }
    (folder / "jobs" / "j1.json").write_text(json.dumps(job), encoding="utf-8")


def configuration(url: str, text: str, save_dir: Path) -> str:
    """A configuration with the text wherever it may stand, signed in to the service."""
    quoted = json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")  # as TOML wants it
    return (
        f'[api]\napi_key = "key-of-the-test"\nbase_url = "{url}/v3"\ngeneration_url = "{url}/v2"\n'
        f"[chat]\nname = {quoted}\nmodel = {quoted}\nsystem_message = {quoted}\nstop = [{quoted}]\n"
        f"[image]\nmodel = {quoted}\nsave_dir = {json.dumps(str(save_dir))}\n"
        f"[auto_turn]\nmin_delay = 0\nmax_delay = 0\n[ui]\ntheme = {quoted}\n"
    )
