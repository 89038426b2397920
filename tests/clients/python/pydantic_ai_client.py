"""Reads answers with Pydantic AI: pydantic_ai_client.py URL KEY, and names of tools on standard input."""

import asyncio
import sys
from types import SimpleNamespace

from pydantic_ai import ModelRetry
from pydantic_ai.mcp import MCPToolset

from report import report


async def call(toolset: MCPToolset, name: str) -> SimpleNamespace:
    """What an app gets of an answer, once a model has got it too: as a value, or as what to try again with."""
    answer = await toolset.call_tool_for_app(name, {})
    try:
        await toolset.direct_call_tool(name, {})
    except ModelRetry:
        if not answer["isError"]:
            raise
    content = [SimpleNamespace(**block) for block in answer["content"]]
    return SimpleNamespace(isError=answer["isError"], content=content, structuredContent=answer.get("structuredContent"))


async def main(url: str, key: str) -> None:
    async with MCPToolset(url, headers={"authorization": f"Bearer {key}"}) as toolset:
        await toolset.list_tools()
        for name in sys.stdin.read().split():
            await report(name, lambda: call(toolset, name))


asyncio.run(main(*sys.argv[1:]))
