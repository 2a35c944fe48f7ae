// What the reader has decided, and whose answers were shown, kept while the tab is open: a reload
// loses the pictures, and gives back what was said of them once they are given again, as a saved case does that
// is open. Of pictures nothing is kept but their SHA-256. Where the browser has no such place, nothing is kept, and the page works without.

import { say } from "./announcer.js";
import { change, changeCase, isVeiled, state } from "./state.js";
import { decisionIn } from "./saved.js";
import { count, text } from "./text.js";

/** @import {Decision} from "./messages" */
/** @import {Row, Saved, State} from "./types" */

const place = "allnet case";

/** What the places of the answers that were shown begin with: each has its own, so that one more writes nothing again. */
const shownPlace = "allnet shown ";

/** @typedef {{ label: string, decisions: Record<string, Decision> }} Draft */

/** What is kept. @returns {Draft} */
function read() {
  try {
    const { label = "", decisions = {} } = JSON.parse(sessionStorage.getItem(place) ?? "{}");
    return { label, decisions };
  } catch {
    return { label: "", decisions: {} };
  }
}

/** @param {Draft} draft */
function write(draft) {
  try {
    if (draft.label === "" && Object.keys(draft.decisions).length === 0) sessionStorage.removeItem(place);
    else sessionStorage.setItem(place, JSON.stringify(draft));
  } catch {
    // There is no such place, or no room in it.
  }
}

/** The SHA-256 of pictures whose answers were shown before a reload. */
function readShown() {
  try {
    return Object.keys(sessionStorage).filter((key) => key.startsWith(shownPlace)).map((key) => key.slice(shownPlace.length));
  } catch {
    return [];
  }
}

/** Takes down that the answer of a picture is shown. It is so for good: whoever saw it has seen it. @param {State} now @param {string} hash */
function noteShown({ shown }, hash) {
  shown.add(hash);
  try {
    sessionStorage.setItem(shownPlace + hash, "");
  } catch {
    // There is no such place, or no room in it.
  }
}

/** What is kept at present; null before it was read. @type {Draft | null} */
let draft = null;

/** The decision of each row that is kept, once its picture is known. @type {WeakMap<Row, Decision | null>} */
const known = new WeakMap();

/** The saved case that was asked for decisions last. @type {Saved | null} */
let asked = null;

/** Keeps what was decided and whose answers are shown, and gives back what was kept of pictures that come. @param {State} now */
export function followDraft(now) {
  if (!draft) {
    draft = read();
    if (draft.label) changeCase({ label: draft.label });
    for (const hash of readShown()) now.shown.add(hash);
  }
  const { saved } = now.case;
  if (saved !== asked) {
    asked = saved;
    for (const row of now.rows) if (!row.decision) known.delete(row); // the case may hold one
  }
  let [changed, restored] = [false, 0];
  if (draft.label !== now.case.label) {
    draft.label = now.case.label;
    changed = true;
  }
  for (const row of now.rows) {
    const hash = row.answer?.source?.sha256;
    if (hash && !now.shown.has(hash) && !isVeiled(row, now)) noteShown(now, hash);
    if (!hash || known.get(row) === row.decision) continue;
    const [kept, filed] = [draft.decisions[hash], decisionIn(saved, hash)];
    const back = known.has(row) || row.decision ? null : kept ?? filed;
    if (back) {
      change(row, { decision: back, decisionSaved: sameDecision(back, filed) ? back : null });
      draft.decisions[hash] = back;
      if (kept) restored++;
    } else if (row.decision) draft.decisions[hash] = row.decision;
    else delete draft.decisions[hash];
    known.set(row, row.decision);
    changed = true;
  }
  if (changed) write(draft);
  if (restored > 0) say(text("draft.restored", { count: count(restored) }), "draft");
}

/** @param {Decision} a @param {Decision | null} b */
function sameDecision(a, b) {
  return a.class === b?.class && a.certainty === b?.certainty && a.blind === b?.blind && a.note === b?.note;
}

/** Forgets what was decided of pictures that are gone for good. @param {Row[]} rows */
export function forgetDecisions(rows) {
  if (!draft || rows.length === 0) return;
  const left = new Set(state.rows.map(({ answer }) => answer?.source?.sha256));
  for (const { answer } of rows) {
    const hash = answer?.source?.sha256;
    if (hash && !left.has(hash)) delete draft.decisions[hash];
  }
  write(draft);
}
