"""Reads answers with fastmcp: fastmcp_client.py URL KEY, and names of tools on standard input."""

import asyncio
import sys

from fastmcp import Client
from fastmcp.client.transports import StreamableHttpTransport

from report import report


async def main(url: str, key: str) -> None:
    async with Client(StreamableHttpTransport(url, headers={"authorization": f"Bearer {key}"})) as client:
        await client.list_tools()
        for name in sys.stdin.read().split():
            await report(name, lambda: client.call_tool(name, {}, raise_on_error=False))


asyncio.run(main(*sys.argv[1:]))
