// Which pictures are the same one.

/** @import {Row, Source} from "./types" */

/** What tells a picture from all others; null where nothing does. Those of a folder go by their path in it. @param {{ name: string, source: Source }} picture */
function identity({ name, source: { file, example } }) {
  if (example) return `example ${example}`;
  return file ? `file ${file.size} ${file.lastModified} ${name}` : null;
}

/**
 * Divides what is given into what is new and the rows of what is in the list already: the
 * same drawing, or a file of the same name, size and time.
 * @template {{ name: string, source: Source }} Given
 * @param {Row[]} rows
 * @param {Given[]} given
 */
export function divide(rows, given) {
  const known = new Map(rows.map((row) => [identity(row), row]));
  /** @type {Given[]} */
  const fresh = [];
  /** @type {Set<Row>} */
  const again = new Set();
  for (const each of given) {
    const name = identity(each);
    const row = name && known.get(name);
    if (row) again.add(row);
    else fresh.push(each);
  }
  return { fresh, again: [...again] };
}
