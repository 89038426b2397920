"""Signs in with fastmcp, which opens a browser and waits for it on a port of its own: fastmcp_client.py URL."""

import asyncio
import sys
import threading
import time
import warnings
import webbrowser
from urllib.error import URLError
from urllib.request import urlopen

from fastmcp import Client
from fastmcp.client.auth import OAuth

from talk import call_across_the_end, say

warnings.filterwarnings("ignore")


def browse(url: str) -> None:
    say(sign_in=url)
    back = sys.stdin.readline().strip()
    for _ in range(200):
        try:
            return urlopen(back).close()
        except URLError:  # Its port is opened after the browser.
            time.sleep(0.05)


webbrowser.open = lambda url: threading.Thread(target=browse, args=(url,)).start()


async def main(url: str) -> None:
    async with Client(url, auth=OAuth()) as client:
        tools = [tool.name for tool in await client.list_tools()]
        await call_across_the_end(tools, lambda: client.call_tool("things_getThing", {}))


asyncio.run(main(*sys.argv[1:]))
