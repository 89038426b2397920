# The items API as MCP by fastmcp's own conversion, behind its own verifier of tokens; one worker, no session, JSON answers.
import json
import os

import httpx2
import uvicorn
from fastmcp import FastMCP
from fastmcp.server.auth.providers.jwt import JWTVerifier

verifier = JWTVerifier(jwks_uri=os.environ["JWKS_URI"], issuer=os.environ["ISSUER"], audience=os.environ["AUDIENCE"], algorithm="ES256")
with open(os.environ["SPEC"], encoding="utf-8") as spec:
    document = json.load(spec)
client = httpx2.AsyncClient(base_url=os.environ["UPSTREAM_URL"])
server = FastMCP.from_openapi(document, client=client, auth=verifier)
app = server.http_app(path="/mcp", stateless_http=True, json_response=True)
uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="error", access_log=False)
