"""Reads answers with the OpenAI Agents SDK: openai_agents_client.py URL KEY, and names of tools on standard input."""

import asyncio
import sys

from agents.mcp import MCPServerStreamableHttp

from report import report


async def main(url: str, key: str) -> None:
    params = {"url": url, "headers": {"authorization": f"Bearer {key}"}}
    async with MCPServerStreamableHttp(params=params, use_structured_content=True) as server:
        await server.list_tools()
        for name in sys.stdin.read().split():
            await report(name, lambda: server.call_tool(name, {}))


asyncio.run(main(*sys.argv[1:]))
