// The answer: the class in words, four bars, or "cannot assess" with its reason.

import { helpFor } from "./choices.js";
import { $, childrenOf, find, list, make, setText, show } from "./dom.js";
import { classes, isVeiled, readsCells, seenRow, state } from "./state.js";
import { apart, count, fixed, networkWords, number, percent, text } from "./text.js";
import { viewFigures } from "./view-explanation.js";

/** @import {Check, PictureRecord} from "./messages" */
/** @import {Row} from "./types" */

/** Draws the answer for the selected picture; while that is hidden, there is none to draw. */
export function viewResult() {
  const row = seenRow();
  show($("findings"), Boolean(row) && !state.case.shown);
  show($("result"), !isVeiled(row));
  if (!row) return;
  const record = row.answer?.record;
  $("result").dataset.outcome = record ? (record.abstained ? "abstained" : record.predicted) : "";
  const network = row.answer?.network ?? state.network; // empty before the program has said what it has
  const profile = (row.answer ? row.answer.correction : state.profile?.correction)?.profile;
  setText($("result-eyebrow"), network ? text("result.eyebrow", { network: networkWords(network, profile) }) : "");
  setText($("result-heading"), heading(record));
  setText($("result-lead"), lead(record));
  const help = record?.abstained && readsCells(network) && row.answer?.picture ? helpFor(record.code) : null;
  show($("help"), Boolean(help));
  if (help) setText($("help-tool"), text(`tool.${help}`));
  const probabilities = record?.probabilities;
  $("bars").toggleAttribute("data-void", !probabilities);
  show($("bars"), !record || Boolean(probabilities));
  list($("bars"), classes, (name) => name,
    (name) => make("li", { "data-class": name },
      make("span", { className: "bar-name" }, text(`class.${name}`)),
      make("span", { className: "bar-value" }),
      make("span", { className: "track", "aria-hidden": "true" }, make("span", { className: "fill" }))),
    (item, name) => {
      const p = probabilities?.[name];
      item.toggleAttribute("data-predicted", name === record?.predicted);
      item.dataset.probability = String(p ?? "");
      setText(item.children[1], p === undefined ? "–" : percent(p));
      find(item, ".fill").style.setProperty("--share", String(p ?? 0));
    });
  viewChecks(record);
  show($("calibrated"), Boolean(probabilities && record?.checks)); // what was not checked is not calibrated
  if (network) {
    setText($("calibrated"), text(profile ? "result.corrected" : "result.calibrated", { measured: $(`card-${network}`).dataset.calibrated ?? "" }));
    $("how-far").hash = `card-${network}`;
  }
  list($("notes"), notes(row), (note) => note, (note) => make("li", {}, note), () => {});
}

/** @param {PictureRecord | undefined} record */
function heading(record) {
  if (!record) return text("result.waiting");
  return record.abstained ? text("result.abstained") : text(`class.${record.predicted}`);
}

/** @param {PictureRecord | undefined} record */
function lead(record) {
  if (!record) return "";
  if (record.abstained) return record.reason;
  const kind = record.predicted === "Benign" ? "benign" : "malignant";
  return text(`result.lead.${kind}`, { percent: percent(record.probabilities[record.predicted]) });
}

/** The record whose checks were opened last: where there is no answer they are the answer. @type {PictureRecord | undefined} */
let judged;

/** What was measured of the picture against what is needed. @param {PictureRecord | undefined} record */
function viewChecks(record) {
  // A probability is shown only with an answer, or where it is the reason that there is none.
  const checks = record?.checks?.filter(({ code }) => !record.abstained || code !== "close" || decisive(record) === "close") ?? [];
  show($("checks-box"), checks.length > 0);
  if (record !== judged) $("checks-box").open = Boolean(record?.abstained);
  judged = record;
  const figures = figuresOf(checks);
  viewFigures($("checks"), figures.map(({ key, least, value, limit, passed }) => {
    if (key === "known") return /** @type {const} */ ([key, value, text(passed ? "check.known.yes" : "check.known.no")]);
    const inWords = key === "close" ? percent : key === "foreign" ? number : key === "cells" ? count : fixed;
    const [measured, needed] = apart(value, limit, inWords);
    const words = text(least ? "check.least" : "check.most", { value: measured, limit: needed });
    return /** @type {const} */ ([key, value, passed ? words : text("check.failed", { words })]);
  }), (key) => text(`check.${key}`));
  // The picture may be laid to another kind although the check for that is passed.
  const undecided = record?.code === "foreign" && checks.find(({ code }) => code === "foreign")?.passed ? record.checks?.find(({ code }) => code === "close") : null;
  show($("checks-note"), Boolean(undecided));
  setText($("checks-note"), undecided ? text("checks.note", { limit: percent(undecided.limit) }) : "");
  for (const item of childrenOf($("checks"))) item.toggleAttribute("data-failed", !figures.find(({ key }) => key === item.dataset.figure)?.passed);
}

/**
 * Checks as figures, each with a name of its own: that of magnification is three, whether it is
 * known, and how narrow and how wide the nuclei may be.
 * @param {Check[]} checks
 */
export function figuresOf(checks) {
  let sizes = 0;
  return checks.map((check) => {
    const { code } = check;
    if (code === "magnification") return { ...check, ...[{ key: "known", least: true }, { key: "narrow", least: true }, { key: "wide", least: false }][Math.min(sizes++, 2)] };
    const cells = code === "no cells" || code === "few cells";
    return { ...check, key: cells ? "cells" : code, least: cells || code === "close" || code === "blurred" };
  });
}

/** The code of the first check that was not passed. @param {PictureRecord} record */
function decisive({ checks }) {
  return checks?.find(({ passed }) => !passed)?.code;
}

/** What has to be known beside the answer, or beside why there is none. @param {Row} row */
function notes({ source, answer }) {
  if (!answer?.picture) return [];
  const { width, height, notes: own } = answer.picture;
  const ready = answer.record.standardised;
  const stretched = width !== height && answer.logits && !ready; // without logits the network was given nothing
  return [
    ...(source.example ? [text("note.synthetic")] : []),
    ...own,
    ...(ready && ready.fields.length > 1 && !answer.record.abstained ? [text("note.joined", { count: count(ready.fields.length) })] : []),
    ...(stretched ? [text("note.stretched", { width: count(width), height: count(height) })] : []),
  ];
}
