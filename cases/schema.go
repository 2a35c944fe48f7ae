package cases

import _ "embed"

//go:embed case.schema.json
var schema []byte

// Schema is the JSON Schema (2020-12) of a case's JSON.
func Schema() []byte { return schema }
