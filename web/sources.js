// Which pictures are the same one.

/** @import {Row, Source} from "./types" */

/** What tells a source from all others; null where nothing does. @param {Source} source */
function identity({ file, example }) {
  if (example) return `example ${example}`;
  return file ? `file ${file.size} ${file.lastModified} ${file.name}` : null;
}

/**
 * Divides what is given into what is new and the rows of what is in the list already: the
 * same drawing, or a file of the same name, size and time.
 * @template {{ source: Source }} Given
 * @param {Row[]} rows
 * @param {Given[]} given
 */
export function divide(rows, given) {
  const known = new Map(rows.map((row) => [identity(row.source), row]));
  /** @type {Given[]} */
  const fresh = [];
  /** @type {Set<Row>} */
  const again = new Set();
  for (const each of given) {
    const name = identity(each.source);
    const row = name && known.get(name);
    if (row) again.add(row);
    else fresh.push(each);
  }
  return { fresh, again: [...again] };
}
