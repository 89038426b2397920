"""Reads answers with the Python SDK 2.x: mcp2.py URL KEY MODE, and names of tools on standard input. MODE is that of the SDK's client."""

import asyncio
import sys

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from report import report


async def main(url: str, key: str, mode: str) -> None:
    async with httpx2.AsyncClient(headers={"authorization": f"Bearer {key}"}) as http:
        async with Client(streamable_http_client(url, http_client=http), mode=mode) as client:
            await client.list_tools()
            for name in sys.stdin.read().split():
                await report(name, lambda: client.call_tool(name, {}))


asyncio.run(main(*sys.argv[1:]))
