package lime_test

import (
	"os"
	"strings"
	"testing"
)

func TestTheCodeInREADMEIsTheExamples(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	example, err := os.ReadFile("example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	_, code, found := strings.Cut(string(readme), "```go\n")
	code, _, closed := strings.Cut(code, "```\n")
	if !found || !closed || !strings.Contains(code, "func Example() {") {
		t.Fatal("README.md shows no example")
	}
	if !strings.Contains(string(example), code) {
		t.Error("the code in README.md does not stand in example_test.go")
	}
}
