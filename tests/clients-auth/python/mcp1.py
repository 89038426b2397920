"""Signs in with the Python SDK 1.x: mcp1.py URL."""

import asyncio
import sys

from mcp import ClientSession
from mcp.client.auth import OAuthClientProvider
from mcp.client.streamable_http import streamablehttp_client
from mcp.shared.auth import OAuthClientMetadata

from talk import REDIRECT, Store, ask_person, call_across_the_end, came_back


async def callback() -> tuple[str, str | None]:
    said = await came_back()
    return said["code"], said.get("state")


async def main(url: str) -> None:
    metadata = OAuthClientMetadata(client_name="Python 1", redirect_uris=[REDIRECT])
    auth = OAuthClientProvider(url, metadata, Store(), ask_person, callback)
    async with streamablehttp_client(url, auth=auth) as (read, write, _):
        async with ClientSession(read, write) as session:
            await session.initialize()
            tools = [tool.name for tool in (await session.list_tools()).tools]
            await call_across_the_end(tools, lambda: session.call_tool("things_getThing", {}))


asyncio.run(main(*sys.argv[1:]))
