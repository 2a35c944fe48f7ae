package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"allnet/build/source"
	"allnet/build/toolchain"
)

// module is a Go module that goes into a released file.
type module struct {
	path, version string
	// folder is where its files are on this machine.
	folder string
}

func (m module) name() string { return m.path + "@" + m.version }

// purl is the module's package URL.
func (m module) purl() string { return "pkg:golang/" + m.path + "@" + m.version }

// contents says what goes into each file of a release.
type contents struct {
	// goRelease is the version of the standard library in all of them, goRoot its folder.
	goRelease, goRoot string
	// modules are by name, files are lists of their names, by file.
	modules map[string]module
	files   map[string][]string
}

// contentsOf asks the go command which modules are compiled into the page and into
// the programs of the targets.
func contentsOf(root string, targets []toolchain.Target) (*contents, error) {
	release, err := toolchain.Release(root)
	if err != nil {
		return nil, err
	}
	goRoot, err := toolchain.Go(root, toolchain.JS, "env", "GOROOT")
	if err != nil {
		return nil, err
	}
	c := &contents{release, strings.TrimSpace(string(goRoot)), map[string]module{}, map[string][]string{}}
	if err := c.add(root, pageName, toolchain.JS, "./wasm", "-tags=simd"); err != nil {
		return nil, err
	}
	for _, t := range targets {
		if err := c.add(root, programName(t), t, "./cmd/allnet"); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func (c *contents) add(root, file string, target toolchain.Target, pkg string, options ...string) error {
	args := append([]string{"list", "-deps", "-json=ImportPath,Module"}, options...)
	out, err := toolchain.Go(root, target, append(args, pkg)...)
	if err != nil {
		return err
	}
	names := map[string]bool{}
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			Module *struct {
				Path, Version, Dir string
				Main               bool
				Replace            *struct{}
			}
		}
		if err := decoder.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			return err
		}
		if p.Module == nil || p.Module.Main {
			continue // of the standard library, or our own
		}
		if p.Module.Replace != nil {
			return fmt.Errorf("%s is replaced: the list would name what is not in %s", p.Module.Path, file)
		}
		m := module{p.Module.Path, p.Module.Version, p.Module.Dir}
		c.modules[m.name()], names[m.name()] = m, true
	}
	c.files[file] = slices.Sorted(maps.Keys(names))
	return nil
}

// sorted returns the modules by name.
func (c *contents) sorted() []module {
	var all []module
	for _, name := range slices.Sorted(maps.Keys(c.modules)) {
		all = append(all, c.modules[name])
	}
	return all
}

// component, hash and dependency are what a bill of materials is made of: CycloneDX
// 1.6, https://cyclonedx.org/docs/1.6/json/.
type component struct {
	Type    string `json:"type"`
	Ref     string `json:"bom-ref"`
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
	Purl    string `json:"purl,omitempty"`
	Hashes  []hash `json:"hashes,omitempty"`
}

type hash struct {
	Algorithm string `json:"alg"`
	Content   string `json:"content"`
}

type dependency struct {
	Ref       string   `json:"ref"`
	DependsOn []string `json:"dependsOn,omitempty"`
}

func sha256Of(data []byte) []hash {
	return []hash{{"SHA-256", fmt.Sprintf("%x", sha256.Sum256(data))}}
}

// bill returns the bill of materials of the release in the folder out: each of its
// files with its hash, and the modules, the standard library and the weights that
// are in it. It has neither a time nor a number of its own, so that the same
// sources give the same bill.
func (c *contents) bill(root, out string, id source.Identity) ([]byte, error) {
	const product, standard = "allnet", "std"
	own := component{Type: "application", Ref: product, Name: product, Version: id.Version}
	var components []component
	whole := dependency{Ref: product}
	all := []dependency{}
	common := []string{standard}
	weights, err := filepath.Glob(filepath.Join(root, "model", "*.onnx"))
	if err != nil {
		return nil, err
	}
	for _, name := range weights {
		data, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		ref := "model/" + filepath.Base(name)
		components = append(components, component{Type: "machine-learning-model", Ref: ref, Name: ref, Hashes: sha256Of(data)})
		common = append(common, ref)
	}
	for _, file := range slices.Sorted(maps.Keys(c.files)) {
		data, err := os.ReadFile(filepath.Join(out, file))
		if err != nil {
			return nil, err
		}
		components = append(components, component{Type: "file", Ref: file, Name: file, Version: id.Version, Hashes: sha256Of(data)})
		whole.DependsOn = append(whole.DependsOn, file)
		all = append(all, dependency{file, append(slices.Clone(common), c.files[file]...)})
	}
	components = append(components, component{Type: "library", Ref: standard, Name: standard, Version: c.goRelease, Purl: "pkg:golang/std@" + c.goRelease})
	for _, m := range c.sorted() {
		components = append(components, component{Type: "library", Ref: m.name(), Name: m.path, Version: m.version, Purl: m.purl()})
	}
	type property struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	text, err := json.MarshalIndent(map[string]any{
		"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
		"metadata":     map[string]any{"component": own, "properties": []property{{"revision", id.Revision}}},
		"components":   components,
		"dependencies": append([]dependency{whole}, all...),
	}, "", "  ")
	return append(text, '\n'), err
}

// licences returns our licence and those of all that is compiled into the files.
func (c *contents) licences(root string) ([]byte, error) {
	var text bytes.Buffer
	if err := appendLicences(&text, "allnet", root); err != nil {
		return nil, err
	}
	if err := appendLicences(&text, "Go "+c.goRelease+", its standard library and the loader of its programs", c.goRoot); err != nil {
		return nil, err
	}
	for _, m := range c.sorted() {
		if err := appendLicences(&text, m.path+" "+m.version, m.folder); err != nil {
			return nil, err
		}
	}
	return text.Bytes(), nil
}

var licenceName = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice|patents)([._-].*)?$`)

// appendLicences appends the licence files of a folder under a heading. A module
// without one must not be released unseen.
func appendLicences(text *bytes.Buffer, what, folder string) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	found := false
	for _, e := range entries {
		if e.IsDir() || !licenceName.MatchString(e.Name()) {
			continue
		}
		data, err := os.ReadFile(filepath.Join(folder, e.Name()))
		if err != nil {
			return err
		}
		found = true
		fmt.Fprintf(text, "==== %s: %s\n\n%s\n\n", what, e.Name(), strings.TrimSpace(strings.ReplaceAll(string(data), "\r\n", "\n")))
	}
	if !found {
		return fmt.Errorf("%s has no licence file in %s", what, folder)
	}
	return nil
}
