"""What these clients say and hear: one line of JSON each way."""

import asyncio
import json
import sys
from urllib.parse import parse_qs, urlparse

REDIRECT = "http://127.0.0.1:50505/callback"


def say(**line) -> None:
    print(json.dumps(line), flush=True)


async def heard() -> str:
    return (await asyncio.to_thread(sys.stdin.readline)).strip()


async def ask_person(url: str) -> None:
    say(sign_in=url)


async def came_back() -> dict[str, str]:
    """What the address says to which the person was sent back."""
    return {name: values[0] for name, values in parse_qs(urlparse(await heard()).query).items()}


class Store:
    """Keeps what the SDK has kept."""

    def __init__(self) -> None:
        self.tokens = None
        self.client = None

    async def get_tokens(self):
        return self.tokens

    async def set_tokens(self, tokens) -> None:
        self.tokens = tokens

    async def get_client_info(self):
        return self.client

    async def set_client_info(self, client_info) -> None:
        self.client = client_info


async def call_across_the_end(tools: list[str], call) -> None:
    """Calls once, and in parallel after it was told that the token has ended."""

    async def text() -> str:
        return "".join(block.text for block in (await call()).content if block.type == "text")

    say(tools=tools, first=await text())
    await heard()
    say(results=await asyncio.gather(*(text() for _ in range(4))))
