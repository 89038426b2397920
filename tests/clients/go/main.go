// Reads answers with the Go SDK: main URL KEY, and names of tools on standard input. Prints one line of JSON for each.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"log"
	"net/http"
	"os"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

type keyed struct{ key string }

func (k keyed) RoundTrip(request *http.Request) (*http.Response, error) {
	request = request.Clone(request.Context())
	request.Header.Set("Authorization", "Bearer "+k.key)
	return http.DefaultTransport.RoundTrip(request)
}

func main() {
	ctx := context.Background()
	transport := &mcp.StreamableClientTransport{Endpoint: os.Args[1], HTTPClient: &http.Client{Transport: keyed{os.Args[2]}}}
	session, err := mcp.NewClient(&mcp.Implementation{Name: "go", Version: "1"}, nil).Connect(ctx, transport, nil)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := session.ListTools(ctx, nil); err != nil {
		log.Fatal(err)
	}
	out := json.NewEncoder(os.Stdout)
	for names := bufio.NewScanner(os.Stdin); names.Scan(); {
		result, err := session.CallTool(ctx, &mcp.CallToolParams{Name: names.Text(), Arguments: map[string]any{}})
		if err != nil {
			_ = out.Encode(map[string]any{"name": names.Text(), "error": err.Error()})
			continue
		}
		content, text := []string{}, ""
		for _, block := range result.Content {
			switch block := block.(type) {
			case *mcp.TextContent:
				content, text = append(content, "text"), text+block.Text
			case *mcp.ImageContent:
				content = append(content, "image")
			case *mcp.AudioContent:
				content = append(content, "audio")
			case *mcp.EmbeddedResource:
				content = append(content, "resource")
			}
		}
		line := map[string]any{"name": names.Text(), "isError": result.IsError, "content": content, "text": text, "structure": result.StructuredContent}
		if err := out.Encode(line); err != nil {
			log.Fatal(err)
		}
	}
	_ = session.Close()
}
