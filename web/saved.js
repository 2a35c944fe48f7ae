// A saved case, as far as it is needed to read its pictures again as it did: which network,
// what was told of each picture, which of its fields was explained, and with which settings.

import { tidied } from "./choices.js";

/** @import {CasePicture, Choices, Settings, Told} from "./messages" */
/** @import {Row, Saved, SavedPicture} from "./types" */

/** What was told of a picture, as the page holds it. @param {Told | null | undefined} told @returns {Choices | null} */
export function choicesOf(told) {
  const { crop, diameter, ground, keepSize, keepLight, keepStain } = told ?? {};
  return tidied({ ...(crop && { crop }), ...(diameter && { diameter }), ...(ground && { ground }), keepSize, keepLight, keepStain });
}

/** @param {CasePicture} picture @returns {SavedPicture} */
function pictureOf({ answer: { record, source, choices, field }, explained, decision }) {
  return {
    name: record.file, sha256: source?.sha256 ?? "", drawing: source?.drawing ?? "",
    choices: choicesOf(choices), field: field ?? null, settings: explained ? /** @type {Settings} */ (explained.explanation.settings) : null, decision,
  };
}

/**
 * What a case is, from its text, which the program has read already.
 * @param {string} name of its file
 * @param {Blob} file
 * @param {{ label: string, networks: { name: string }[], pictures: CasePicture[] }} text
 * @returns {Saved}
 */
export function savedCase(name, file, { label, networks, pictures }) {
  return { name, file, label, network: networks[0]?.name ?? "", correction: pictures.find(({ answer }) => answer.correction)?.answer.correction ?? null, pictures: pictures.map(pictureOf) };
}

/** The picture of a saved case that a row is: of its name, or the same drawing, or else of the same bytes. @param {Saved} saved @param {string} name @param {string} [example] @param {string} [sha256] */
export function pictureIn({ pictures }, name, example, sha256) {
  return pictures.find((each) => (example ? each.drawing === example : !each.drawing && each.name === name)) ?? (sha256 ? pictures.find((each) => each.sha256 === sha256) : undefined);
}

/** The reader's decision on a picture in a saved case. It is of these bytes: another picture may go by the same name. @param {Saved | null} saved @param {string} sha256 */
export function decisionIn(saved, sha256) {
  return saved?.pictures.find((each) => each.sha256 === sha256 && each.decision)?.decision ?? null;
}

/**
 * How a saved case has a row read. What the reader decided comes back once its bytes are known; see draft.js.
 * @param {Saved | null} saved
 * @param {string} name
 * @param {string} [example]
 * @param {Row | null} [row] where it is in the list already
 * @returns {Pick<Row, "choices" | "field" | "wanted">}
 */
export function fromSaved(saved, name, example, row) {
  const picture = saved ? pictureIn(saved, name, example, row?.answer?.source?.sha256) : undefined;
  const { choices = null, field = null, settings = null } = picture ?? {};
  return { choices, field, wanted: settings };
}
