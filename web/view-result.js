// The answer: the class in words, four bars, or "cannot assess" with its reason.

import { $, list, make, setText, show } from "./dom.js";
import { classes, selectedRow } from "./state.js";
import { count, percent, text } from "./text.js";

/** Draws the answer for the selected picture. */
export function viewResult() {
  const row = selectedRow();
  show($("findings"), Boolean(row));
  if (!row) return;
  const record = row.answer?.record;
  $("result").dataset.outcome = record ? (record.abstained ? "abstained" : record.predicted) : "";
  setText($("result-heading"), heading(record));
  setText($("result-lead"), lead(record));
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
      item.dataset.probability = p ?? "";
      setText(item.children[1], p === undefined ? "–" : percent(p));
      item.querySelector(".fill").style.setProperty("--share", p ?? 0);
    });
  list($("notes"), notes(row), (note) => note, (note) => make("li", {}, note), () => {});
}

function heading(record) {
  if (!record) return text("result.waiting");
  return record.abstained ? text("result.abstained") : text(`class.${record.predicted}`);
}

function lead(record) {
  if (!record) return "";
  if (record.abstained) return record.reason;
  const kind = record.predicted === "Benign" ? "benign" : "malignant";
  return text(`result.lead.${kind}`, { percent: percent(record.probabilities[record.predicted]) });
}

/** What has to be known beside the answer. */
function notes({ source, answer }) {
  if (!answer?.picture) return [];
  const { width, height, notes: own } = answer.picture;
  const stretched = width !== height && !answer.record.abstained;
  return [
    ...(source.example ? [text("note.synthetic")] : []),
    ...own,
    ...(stretched ? [text("note.stretched", { width: count(width), height: count(height) })] : []),
  ];
}
