package main

import (
	"fmt"
	"html"
	"os"
	"path/filepath"
	"strings"

	"allnet/lab/card"
	"allnet/model"
)

// modelCards returns the cards of the shipped networks as elements that can be
// opened, with the ids that web/view-networks.js knows: card-robust, card-article.
func modelCards(root string) (string, error) {
	results := os.DirFS(filepath.Join(root, "lab", "results"))
	var b strings.Builder
	for _, network := range model.Shipped() {
		body, err := card.HTML(results, network.Name)
		if err != nil {
			return "", fmt.Errorf("the model card of %s: %w", network.Name, err)
		}
		calibrated, err := card.Calibrated(results, network.Name)
		if err != nil {
			return "", err
		}
		// The texts of the keys are filled in with those of index.html.
		fmt.Fprintf(&b, "<details class=\"card\" id=\"card-%s\" data-testid=\"card\" data-calibrated=\"%s\">\n<summary><span data-t=\"card.heading\"></span> <span data-t=\"network.%s\"></span></summary>\n%s</details>\n",
			network.Name, html.EscapeString(calibrated), network.Name, body)
	}
	return b.String(), nil
}
