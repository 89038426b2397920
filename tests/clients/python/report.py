"""Prints what a client read, one line of JSON for each tool."""

import json


async def report(name, call) -> None:
    try:
        result = await call()
    except Exception as error:  # Whatever the library throws means that it threw the answer away.
        print(json.dumps({"name": name, "error": f"{type(error).__name__}: {error}"[:500]}), flush=True)
        return
    # The attributes are called as on the wire in 1.x, and as Python spells names in 2.x and fastmcp.
    is_error = getattr(result, "isError", None) if hasattr(result, "isError") else result.is_error
    structure = result.structuredContent if hasattr(result, "structuredContent") else result.structured_content
    text = "".join(block.text for block in result.content if block.type == "text")
    content = [block.type for block in result.content]
    line = {"name": name, "isError": bool(is_error), "content": content, "text": text, "structure": structure}
    print(json.dumps(line), flush=True)
