// Package cases makes one document of many pictures of one smear: what each was read as and
// why, what a reader decided, and what all of it says together. The page and the command line
// read pictures, explain them and write cases through it, so that both write the same bytes, and
// what was written can be computed again and compared.
//
//	picture ─ Read ─▶ Answer ─ Explain ─▶ Explained ─┐
//	                                       Decision ─┴ Assemble ─▶ Case ─ JSON, CSV ─▶ files
//	                                                               └─ rows ─ Summarise ─▶ Summary
//	file ─ Parse ─▶ Case ─ Compare, with the same pictures read again ─▶ Comparison
package cases
