"""Reads answers with the Python SDK 1.x: mcp1.py URL KEY, and names of tools on standard input."""

import asyncio
import sys

from mcp import ClientSession
from mcp.client.streamable_http import streamablehttp_client

from report import report


async def main(url: str, key: str) -> None:
    async with streamablehttp_client(url, headers={"authorization": f"Bearer {key}"}) as (read, write, _):
        async with ClientSession(read, write) as session:
            await session.initialize()
            await session.list_tools()
            for name in sys.stdin.read().split():
                await report(name, lambda: session.call_tool(name, {}))


asyncio.run(main(*sys.argv[1:]))
