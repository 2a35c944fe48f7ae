//go:build ignore

// Expand writes the kernels' source, kernels.wat.tmpl, with all loops unrolled:
// the text that wat2wasm assembles. WebAssembly text has no macros, and the one
// term that everything consists of would have to be written fifty times.
package main

import (
	"log"
	"os"
	"text/template"
)

func main() {
	const name = "kernels.wat.tmpl"
	functions := template.FuncMap{
		"add":  func(a, b int) int { return a + b },
		"list": func(values ...any) []any { return values },
		"mul":  func(a, b int) int { return a * b },
	}
	source, err := template.New(name).Funcs(functions).ParseFiles(name)
	if err == nil {
		err = source.Execute(os.Stdout, nil)
	}
	if err != nil {
		log.Fatal(err)
	}
}
