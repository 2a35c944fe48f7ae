// The answer: the class in words, four bars, or "cannot assess" with its reason.

import { $, list, make, setText, show } from "./dom.js";
import { classes, selectedRow, state } from "./state.js";
import { apart, count, fixed, number, percent, text } from "./text.js";
import { viewFigures } from "./view-explanation.js";

/** Draws the answer for the selected picture. */
export function viewResult() {
  const row = selectedRow();
  show($("findings"), Boolean(row));
  if (!row) return;
  const record = row.answer?.record;
  $("result").dataset.outcome = record ? (record.abstained ? "abstained" : record.predicted) : "";
  const network = row.answer?.network ?? state.network; // none before the program has said what it has
  setText($("result-eyebrow"), network ? text("result.eyebrow", { network: text(`network.${network}`) }) : "");
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
  viewChecks(record);
  show($("calibrated"), Boolean(probabilities && record.checks)); // what was not checked is not calibrated
  if (network) {
    setText($("calibrated"), text("result.calibrated", { measured: $(`card-${network}`).dataset.calibrated }));
    $("how-far").hash = `card-${network}`;
  }
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

let judged = null; // the record whose checks were opened last: where there is no answer they are the answer

/** What was measured of the picture against what is needed. */
function viewChecks(record) {
  // A probability is shown only with an answer, or where it is the reason that there is none.
  const checks = record?.checks?.filter(({ code }) => !record.abstained || code !== "close" || decisive(record) === "close") ?? [];
  show($("checks-box"), checks.length > 0);
  if (record !== judged) $("checks-box").open = Boolean(record?.abstained);
  judged = record;
  viewFigures($("checks"), checks.map(({ code, value, limit, passed }) => {
    const written = { close: percent, foreign: number }[code] ?? fixed;
    const [measured, needed] = apart(value, limit, written);
    const words = text(code === "close" || code === "blurred" ? "check.least" : "check.most", { value: measured, limit: needed });
    return [code, value, passed ? words : text("check.failed", { words })];
  }), (key) => text(`check.${key}`));
  // The picture may be laid to another kind although the check for that is passed.
  const undecided = record?.code === "foreign" && checks.find(({ code }) => code === "foreign")?.passed ? record.checks.find(({ code }) => code === "close") : null;
  show($("checks-note"), Boolean(undecided));
  setText($("checks-note"), undecided ? text("checks.note", { limit: percent(undecided.limit) }) : "");
  for (const item of $("checks").children) item.toggleAttribute("data-failed", !checks.find(({ code }) => code === item.dataset.figure).passed);
}

/** The code of the first check that was not passed. */
function decisive({ checks }) {
  return checks.find(({ passed }) => !passed)?.code;
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
