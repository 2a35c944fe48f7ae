package page

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// bundleScript returns the module entry of folder dir and all that it imports, as
// one classic script. (A module script would wait for the end of the file, and the
// programs stand there.)
func bundleScript(dir, entry string) (string, error) {
	text, err := bundle(dir, entry)
	return strict + text, err
}

// strict makes a script as strict as modules are; esbuild leaves that to us.
const strict = "\"use strict\";\n"

// bundleStyle returns the style sheet entry of folder dir with all that it imports.
func bundleStyle(dir, entry string) (string, error) {
	return bundle(dir, entry)
}

// bundle joins and minifies a file and what it imports. Nothing but the files of
// dir goes into it: settings that lie in folders above are not read.
func bundle(dir, entry string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	result := api.Build(api.BuildOptions{
		EntryPoints:       []string{filepath.Join(dir, filepath.FromSlash(entry))},
		AbsWorkingDir:     filepath.Dir(dir), // messages say web/main.js
		Bundle:            true,
		Format:            api.FormatIIFE,
		Platform:          api.PlatformNeutral,
		Target:            target,
		Charset:           api.CharsetUTF8,
		MinifyWhitespace:  true,
		MinifySyntax:      true,
		MinifyIdentifiers: true,
		LegalComments:     api.LegalCommentsEndOfFile,
		IgnoreAnnotations: true,
		TsconfigRaw:       "{}",
		Plugins:           []api.Plugin{onlyFrom(dir)},
	})
	if err := faults(result.Errors, result.Warnings); err != nil {
		return "", err
	}
	if n := len(result.OutputFiles); n != 1 {
		return "", fmt.Errorf("%s was joined into %d files; expected one", entry, n)
	}
	return string(result.OutputFiles[0].Contents), nil
}

// target is the oldest language that scripts are written in; newer syntax is
// rewritten. Every browser that has what the page needs besides (SIMD in
// WebAssembly, DecompressionStream) knows it.
const target = api.ES2022

// onlyFrom refuses every import that does not name a file in dir by its path.
func onlyFrom(dir string) api.Plugin {
	return api.Plugin{Name: "only-the-pages-own-files", Setup: func(build api.PluginBuild) {
		build.OnResolve(api.OnResolveOptions{Filter: ".*"}, func(args api.OnResolveArgs) (api.OnResolveResult, error) {
			if args.Kind == api.ResolveEntryPoint {
				return api.OnResolveResult{}, nil
			}
			inside := strings.HasPrefix(args.Path, "./") || strings.HasPrefix(args.Path, "../")
			if inside {
				name, err := filepath.Rel(dir, filepath.Join(args.ResolveDir, filepath.FromSlash(args.Path)))
				inside = err == nil && filepath.IsLocal(name)
			}
			if !inside {
				return api.OnResolveResult{}, fmt.Errorf("%q is no file of the page; expected a path like ./name.js that stays in its folder", args.Path)
			}
			return api.OnResolveResult{}, nil
		})
	}}
}

// minifyScript minifies a classic script; what it defines at its top level keeps its
// name.
func minifyScript(name, source string) (string, error) {
	result := api.Transform(source, api.TransformOptions{
		Sourcefile:        name,
		Loader:            api.LoaderJS,
		Target:            target,
		Charset:           api.CharsetUTF8,
		MinifyWhitespace:  true,
		MinifySyntax:      true,
		MinifyIdentifiers: true,
		LegalComments:     api.LegalCommentsEndOfFile,
		IgnoreAnnotations: true,
		TsconfigRaw:       "{}",
	})
	return string(result.Code), faults(result.Errors, result.Warnings)
}

// faults makes one error of what was found, with file, line and column of each. A
// warning counts too: it is about code that does not do what it seems to.
func faults(found, warnings []api.Message) error {
	found = append(found, warnings...)
	if len(found) == 0 {
		return nil
	}
	text := strings.Join(api.FormatMessages(found, api.FormatMessagesOptions{Kind: api.ErrorMessage}), "")
	return errors.New(strings.TrimSpace(text))
}
