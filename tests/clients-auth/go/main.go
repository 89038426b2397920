// Signs in with the Go SDK: main URL. Says and hears one line of JSON each way.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"log"
	"net/url"
	"os"
	"sync"

	"github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/modelcontextprotocol/go-sdk/oauthex"
)

const redirect = "http://127.0.0.1:50505/callback"

var (
	out = json.NewEncoder(os.Stdout)
	in  = bufio.NewScanner(os.Stdin)
)

func say(line map[string]any) {
	if err := out.Encode(line); err != nil {
		log.Fatal(err)
	}
}

func heard() string {
	if !in.Scan() {
		log.Fatal("nobody answers")
	}
	return in.Text()
}

func askPerson(_ context.Context, args *auth.AuthorizationArgs) (*auth.AuthorizationResult, error) {
	say(map[string]any{"sign_in": args.URL})
	back, err := url.Parse(heard())
	if err != nil {
		return nil, err
	}
	said := back.Query()
	return &auth.AuthorizationResult{Code: said.Get("code"), State: said.Get("state"), Iss: said.Get("iss")}, nil
}

func main() {
	in.Buffer(nil, 1<<20)
	ctx := context.Background()
	handler, err := auth.NewAuthorizationCodeHandler(&auth.AuthorizationCodeHandlerConfig{
		DynamicClientRegistrationConfig: &auth.DynamicClientRegistrationConfig{
			Metadata: &oauthex.ClientRegistrationMetadata{ClientName: "Go", RedirectURIs: []string{redirect}},
		},
		AuthorizationCodeFetcher: askPerson,
	})
	if err != nil {
		log.Fatal(err)
	}
	transport := &mcp.StreamableClientTransport{Endpoint: os.Args[1], OAuthHandler: handler}
	session, err := mcp.NewClient(&mcp.Implementation{Name: "go", Version: "1"}, nil).Connect(ctx, transport, nil)
	if err != nil {
		log.Fatal(err)
	}
	listed, err := session.ListTools(ctx, nil)
	if err != nil {
		log.Fatal(err)
	}
	tools := []string{}
	for _, tool := range listed.Tools {
		tools = append(tools, tool.Name)
	}
	call := func() string {
		result, err := session.CallTool(ctx, &mcp.CallToolParams{Name: "things_getThing", Arguments: map[string]any{}})
		if err != nil {
			return err.Error()
		}
		text := ""
		for _, block := range result.Content {
			if block, ok := block.(*mcp.TextContent); ok {
				text += block.Text
			}
		}
		return text
	}
	say(map[string]any{"tools": tools, "first": call()})
	heard()
	results := make([]string, 4)
	var all sync.WaitGroup
	for at := range results {
		all.Go(func() { results[at] = call() })
	}
	all.Wait()
	say(map[string]any{"results": results})
	_ = session.Close()
}
