"""The picture jobs of the scripted service: they go on until a test ends them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from tests.support.chat_service import Answer, Service, png


@dataclass
class Work:
    """One job at the service."""

    body: dict[str, Any]
    status: str = "processing"
    progress: int | None = 10
    urls: list[str] = field(default_factory=list)
    error: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    polls: int = 0


class Works:
    """Answers for `/generation/*`, by what was created. Ids are `gen-1`, `gen-2`, …"""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.jobs: dict[str, Work] = {}
        self.told: dict[str, Any] = {}
        """Further fields of each answer to a creation."""
        self.at_once = False
        """Whether new jobs are done by the first question."""
        self.metadata: dict[str, Any] = {}
        """Of the jobs that are done at once."""
        self.gate: asyncio.Event | None = None
        """Creations are answered when this is set."""
        self.answers: dict[str, Answer] = {}
        """Answers to other paths, and in place of those given here."""
        service.answer_job = self.answer

    def answer(self, method: str, path: str, body: dict[str, Any]) -> Answer:
        if path in self.answers:
            return self.answers[path]
        if path == "generation/create":
            name = self.create(body)
            return Answer({"generation_id": name, "status": "pending", **self.told}, gate=self.gate)
        if path.startswith("generation/status/"):
            return self._status(path.rpartition("/")[2])
        return Answer({"message": f"no script for {method} {path}"}, status=500)

    def create(self, body: dict[str, Any]) -> str:
        name = f"gen-{len(self.jobs) + 1}"
        self.jobs[name] = Work(body)
        if self.at_once:
            self.finish(name, metadata=self.metadata)
        return name

    def finish(
        self, name: str, *, shades: list[int] | None = None, metadata: dict[str, Any] | None = None
    ) -> None:
        """End a job well: with a file for each picture, whose bytes are queued in this order."""
        work = self.jobs[name]
        count = work.body.get("num_images", 1)
        work.status, work.progress = "completed", 100
        work.urls = [f"{self.service.url}/file/{name}-{index}.png" for index in range(count)]
        for shade in shades or range(1, count + 1):
            self.service.files.append(Answer(png(shade=shade)))
        work.metadata = metadata or {}

    def _status(self, name: str) -> Answer:
        work = self.jobs.get(name)
        if work is None:
            return Answer({"message": "no such generation"}, status=404)
        work.polls += 1
        return Answer(
            {
                "generation_id": name,
                "status": work.status,
                "progress": work.progress,
                "result_urls": work.urls,
                "error": work.error,
                "performance_metadata": work.metadata,
            }
        )

    async def polled(self, name: str, times: int = 1) -> None:
        """Until a job was asked after that often, counted from now."""
        async with asyncio.timeout(60):
            while name not in self.jobs:
                await asyncio.sleep(0.005)
            before = self.jobs[name].polls
            while self.jobs[name].polls < before + times:
                await asyncio.sleep(0.005)
