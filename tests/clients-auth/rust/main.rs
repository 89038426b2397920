//! Signs in with rmcp: main URL. Says and hears one line of JSON each way.
use std::error::Error;

use rmcp::model::CallToolRequestParams;
use rmcp::service::{Peer, RoleClient};
use rmcp::transport::auth::{AuthClient, AuthorizationRequest, OAuthState};
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::ServiceExt;
use serde_json::{json, Value};

const REDIRECT: &str = "http://127.0.0.1:50505/callback";

fn say(line: Value) {
    println!("{line}");
}

fn heard() -> Result<String, std::io::Error> {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    Ok(line.trim().to_string())
}

async fn call(peer: Peer<RoleClient>) -> String {
    match peer.call_tool(CallToolRequestParams::new("things_getThing")).await {
        Ok(result) => serde_json::to_string(&result.content).unwrap_or_default(),
        Err(error) => error.to_string(),
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::args().nth(1).ok_or("name the address")?;
    let mut oauth = OAuthState::new(&url, None).await?;
    oauth.start_authorization(AuthorizationRequest::new(REDIRECT).with_client_name("rmcp")).await?;
    say(json!({ "sign_in": oauth.get_authorization_url().await? }));
    oauth.handle_callback_url(&heard()?).await?;
    let manager = oauth.into_authorization_manager().ok_or("nobody is signed in")?;
    let http = AuthClient::new(reqwest::Client::default(), manager);
    let transport = StreamableHttpClientTransport::with_client(http, StreamableHttpClientTransportConfig::with_uri(url));
    let session = ().serve(transport).await?;
    let tools: Vec<String> = session.list_all_tools().await?.into_iter().map(|tool| tool.name.to_string()).collect();
    say(json!({ "tools": tools, "first": call(session.peer().clone()).await }));
    heard()?;
    let calls: Vec<_> = (0..4).map(|_| tokio::spawn(call(session.peer().clone()))).collect();
    let mut results = vec![];
    for each in calls {
        results.push(each.await?);
    }
    say(json!({ "results": results }));
    session.cancel().await?;
    Ok(())
}
