// Command wide writes ALL-Net with the filter counts of the article's text, 64,
// 128 and 256, as an ONNX file to standard output. Its weights are made up (see
// golden.Weights): it is there to be timed, and gives no meaningful answers.
package main

import (
	"fmt"
	"os"

	"allnet/internal/golden"
)

func main() {
	file := golden.Encode(golden.Graph(golden.Weights(golden.Wide...)))
	if _, err := os.Stdout.Write(file); err != nil {
		fmt.Fprintln(os.Stderr, "wide:", err)
		os.Exit(1)
	}
}
