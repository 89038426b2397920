"""Signs in with the Python SDK 2.x: mcp2.py URL."""

import asyncio
import sys

import httpx2
from mcp import Client
from mcp.client.auth import AuthorizationCodeResult, OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import OAuthClientMetadata

from talk import REDIRECT, Store, ask_person, call_across_the_end, came_back


async def callback() -> AuthorizationCodeResult:
    said = await came_back()
    return AuthorizationCodeResult(code=said["code"], state=said.get("state"), iss=said.get("iss"))


async def main(url: str) -> None:
    metadata = OAuthClientMetadata(client_name="Python 2", redirect_uris=[REDIRECT])
    auth = OAuthClientProvider(url, metadata, Store(), ask_person, callback)
    async with httpx2.AsyncClient(auth=auth) as http:
        async with Client(streamable_http_client(url, http_client=http)) as client:
            tools = [tool.name for tool in (await client.list_tools()).tools]
            await call_across_the_end(tools, lambda: client.call_tool("things_getThing", {}))


asyncio.run(main(*sys.argv[1:]))
