package card

import (
	"fmt"
	"html"
	"io/fs"
	"strings"
)

// section is a part of a network's card in the page.
type section struct {
	heading string
	// paragraphs are plain text; empty ones are left out.
	paragraphs []string
	tables     []*table
	figure     *figure
}

// HTML returns the card of a shipped network as a fragment for the page: elements
// with classes, tables and inline drawings, without styles and scripts, so that a
// page that forbids them can hold it. Headings begin at level 3.
func HTML(results fs.FS, name string) (string, error) {
	r, n, err := find(results, name)
	if err != nil {
		return "", err
	}
	return forPage(n.html(r)), nil
}

// Calibrated says in a few sentences, as plain text, what was measured of a shipped
// network's percentages, to stand beside an answer: what the two averages say. How far
// claim and truth are apart where they are low or high is in the card.
func Calibrated(results fs.FS, name string) (string, error) {
	_, n, err := find(results, name)
	if err != nil {
		return "", err
	}
	return forPage(n.claims(false)), nil
}

// pageCards returns the cards of networks as elements that can be opened, with the
// ids that web/view-networks.js knows: card-robust, card-article. The build fills in
// the texts of the keys with those of index.html.
func pageCards(r *Results, networks []*network) string {
	var b strings.Builder
	for _, n := range networks {
		fmt.Fprintf(&b, "<details class=\"card\" id=\"card-%s\" data-testid=\"card\" data-calibrated=\"%s\">\n<summary><span data-t=\"card.heading\"></span> <span data-t=\"network.%s\"></span></summary>\n%s</details>\n",
			n.Name(), html.EscapeString(forPage(n.claims(false))), n.Name(), forPage(n.html(r)))
	}
	return b.String()
}

// forPage writes per cent as the page does.
func forPage(text string) string { return strings.ReplaceAll(text, " %", "%") }

// find reads the results and returns a shipped network with what they say of it.
func find(results fs.FS, name string) (*Results, *network, error) {
	r, err := Load(results)
	if err != nil {
		return nil, nil, err
	}
	networks, err := r.shipped()
	if err != nil {
		return nil, nil, err
	}
	for _, n := range networks {
		if n.Name() == name {
			return r, n, nil
		}
	}
	return nil, nil, fmt.Errorf("there is no shipped network %q; expected one of model.Shipped", name)
}

func (n *network) html(r *Results) string {
	var b strings.Builder
	for _, s := range n.sections(r) {
		fmt.Fprintf(&b, "<section class=\"card-section\"><h3>%s</h3>\n", html.EscapeString(s.heading))
		for _, p := range s.paragraphs {
			if p != "" {
				fmt.Fprintf(&b, "<p>%s</p>\n", html.EscapeString(p))
			}
		}
		for _, t := range s.tables {
			b.WriteString(t.html())
		}
		if s.figure != nil {
			fmt.Fprintf(&b, "<figure class=\"card-figure\">\n<div class=\"card-chart\" role=\"region\" tabindex=\"0\" aria-label=\"%s\">\n%s</div>\n<figcaption><strong>%s.</strong> %s</figcaption></figure>\n",
				html.EscapeString(s.figure.title), s.figure.svg(false), html.EscapeString(s.figure.title), html.EscapeString(s.figure.description))
		}
		b.WriteString("</section>\n")
	}
	return b.String()
}

func (n *network) sections(r *Results) []section {
	d := &document{Results: r, networks: []*network{n}}
	net := n.Network()
	about := kind{}
	if i := place(networks, n.Name()); i < len(networks) {
		about = networks[i]
	}
	all := []section{
		{heading: "What it is", paragraphs: []string{
			about.about,
			fmt.Sprintf("It has %d blocks of convolution and %s weights. It names one of four classes (benign, meaning hematogones; early pre-B, pre-B and pro-B acute lymphoblastic leukaemia) or says that it cannot assess the picture. It knows no other diagnosis.", len(net.Filters()), grouped(int64(net.Parameters()))),
			"It is made for learning, teaching and research. It must not be used for the diagnosis or treatment of a person.",
		}},
		{heading: "How often is it right?", paragraphs: []string{n.accuracySentence(), blocksSentence(r.Runs, n.Name()), sameSlides}, tables: []*table{d.accuracyTable()}},
		{heading: "What disturbs it?", paragraphs: []string{n.stressSentence()}, tables: []*table{stressTable(d.networks), wholeTable(d.networks)}, figure: stressFigure(d.networks)},
		{heading: "Does it look at cells?", paragraphs: []string{n.evidenceSentence(), n.backgroundSentence()}, tables: []*table{erasedTable(d.networks)}},
		{heading: "What does it make of other laboratories?", paragraphs: []string{n.abroadSentence(), noLymphoblasts}, tables: n.abroadTables(d)},
		{heading: "Can its percentages be believed?", paragraphs: []string{n.calibrationSentence()}, figure: d.reliability()},
		{heading: "When does it say “cannot assess”?", paragraphs: []string{n.refusalSentence(), n.limitsSentence(), n.acceptSentence()}},
		{heading: "What nobody knows", paragraphs: []string{
			"How it does on patients other than those of its data, and on leukaemias of other laboratories, stains, microscopes and cameras: all pictures with malignant cells come from one hospital, and they do not say which patient they are from. Reactive lymphocytes, other leukaemias, lymphoma and treated patients are not in the data.",
			"The labels come from flow cytometry, which belongs to the patient and not to the picture.",
		}},
		{heading: "Data and weights", paragraphs: []string{
			"Trained on part of: Aria M. et al., “Acute Lymphoblastic Leukemia (ALL) image dataset”, 2021, doi 10.34740/KAGGLE/DSV/2175623. Network after: Thiriveedhi A. et al., PeerJ Computer Science 11:e2600, 2025, doi 10.7717/peerj-cs.2600.",
			n.foreignData(),
			"SHA-256 of the weights: " + n.Hash(),
		}},
	}
	return all
}
