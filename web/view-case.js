// The case: its label, what its pictures say together, what can be taken along, and what came of
// computing a saved one again. The table of its pictures is in view-table.js.

import { nameCase, showCase, writeCase } from "./case.js";
import { canShowCase, canWriteCase, hasVeiled, isComplete } from "./commands.js";
import { $, childrenOf, inputs, list, make, setText, show } from "./dom.js";
import { soon } from "./focus.js";
import { cancelGathering, saveEvidence } from "./gather.js";
import { namePage } from "./ownpage.js";
import { printReport } from "./report.js";
import { classes } from "./state.js";
import { count, fixed, text, wholePercent } from "./text.js";
import { waitingForReader } from "./view-decision.js";

/** @import {Agreeing, Comparison, Counts, Joint, Summary} from "./messages" */
/** @import {State} from "./types" */

/** Draws the case. @param {State} now */
export function viewCase(now) {
  const { shown, label, naming, labelFault, summary, writing } = now.case;
  show($("mode"), canShowCase(now));
  for (const input of inputs($("mode"))) input.checked = input.value === (shown ? "all" : "one");
  show($("overview"), shown);
  if (!shown) return;
  if (document.activeElement !== $("case-label") && !naming && !labelFault) $("case-label").value = label;
  $("case-label").setAttribute("aria-invalid", String(labelFault !== ""));
  show($("label-fault"), labelFault !== "");
  setText($("label-fault"), labelFault);
  const can = canWriteCase(now);
  for (const id of /** @type {const} */ (["save-case", "save-table", "save-evidence", "print-report"])) $(id).disabled = !can;
  show($("case-writing"), Boolean(writing));
  if (writing) {
    setText($("case-stage"), text(`writing.${writing.what}`, { done: count(writing.done), total: count(writing.total) }));
    if (writing.total > 0) $("case-progress").value = writing.done / writing.total;
    else $("case-progress").removeAttribute("value");
    show($("case-cancel"), writing.total > 0);
  }
  setText($("page-hash"), now.case.page ? text("case.page.known", { hash: now.case.page }) : text("case.page"));
  show($("page-own"), !now.case.page);
  const waiting = waitingForReader(now);
  setText($("case-state"), waiting > 0 ? text("case.veiled", { count: count(waiting) }) : isComplete(now) ? "" : text("case.waiting"));
  show($("summary"), summary !== null && waiting === 0);
  if (summary && waiting === 0) viewSummary(summary);
  viewSaved(now);
}

/** @param {Summary} summary */
function viewSummary(summary) {
  const { joint, reader } = summary;
  $("joint").dataset.verdict = joint.verdict;
  setText($("joint-heading"), joint.class ? text("joint.agreed", { class: text(`class.${joint.class}`) }) : text("joint.none"));
  setText($("joint-said"), joint.sentence);
  setText($("joint-means"), joint.of > 0 ? text("joint.means", { correlation: joint.correlation, independent: between(joint.independent) }) : "");
  list($("summary-said"), sentencesOf(summary), (sentence) => sentence, (sentence) => make("li", {}, sentence), () => {});
  viewCounts(summary);
  show($("reader-summary"), reader.judged > 0);
  if (reader.judged === 0) return;
  const { agreement, blindAgreement } = reader;
  const both = reader.blind > 0 && reader.blind < reader.judged;
  const said = [
    text(reader.judged === 1 ? "agree.judged.one" : "agree.judged", { judged: count(reader.judged), blind: count(reader.blind) }),
    ...(reader.cannotTell > 0 ? [text("agree.cannot", { count: count(reader.cannotTell) })] : []),
    agreementWords(agreement, "agree.all", "agree.all.none"),
    ...(both ? [agreementWords(blindAgreement, "agree.blind", "agree.blind.none")] : []),
    ...(reader.blind < reader.judged ? [text("agree.flattered")] : []),
  ];
  list($("agree-said"), said, (sentence) => sentence, (sentence) => make("li", {}, sentence), () => {});
  viewConfusion(agreement);
}

/** An interval of a share, no narrower than it is. @param {Joint["interval"]} interval */
function between([low, high]) {
  return text("between", { low: wholePercent(Math.floor(100 * low) / 100), high: wholePercent(Math.ceil(100 * high) / 100) });
}

/** @param {Summary} summary */
function sentencesOf({ pictures, copies, assessed, refused, divided, cells }) {
  const without = refused.reduce((sum, { pictures: n }) => sum + n, 0);
  return [
    text(pictures === 1 ? "summary.pictures.one" : "summary.pictures", { pictures: count(pictures), assessed: count(assessed), refused: count(without) }),
    ...(copies > 0 ? [text(copies === 1 ? "summary.copies.one" : "summary.copies", { copies: count(copies) })] : []),
    ...(without > 0 ? [text("summary.refused", { reasons: refused.map(({ code, pictures: n }) => text("summary.reason", { count: count(n), reason: text(`code.${code}`) })).join(", ") })] : []),
    ...(divided > 0 ? [text(divided === 1 ? "summary.divided.one" : "summary.divided", { divided: count(divided) })] : []),
    ...(cells.pictures > 0 ? [cells.sentence] : []),
  ];
}

/** The tally of pictures, fields and cells by class. @param {Summary} summary */
function viewCounts({ answers, fields, cells }) {
  const kinds = /** @type {[string, Counts][]} */ ([["pictures", answers], ["fields", fields], ["cells", cells.as]]).filter(([kind, counts]) => kind === "pictures" || classes.some((name) => counts[name] > 0));
  fillTable("counts-head", [["", ...kinds.map(([kind]) => text(`counts.${kind}`))]]);
  fillTable("counts-body", [
    ...classes.map((name) => [text(`short.${name}`), ...kinds.map(([, counts]) => count(counts[name]))]),
    ...(cells.neither > 0 ? [[text("counts.neither"), ...kinds.map(([kind]) => (kind === "cells" ? count(cells.neither) : ""))]] : []),
  ]);
}

/** Writes cells as text: those of a head are headings, and so is the first of each other line. @param {string} id @param {string[][]} lines */
export function fillTable(id, lines) {
  const head = id.endsWith("-head");
  list($(id), lines.map((line, i) => ({ line, i })), ({ line, i }) => `${i}/${line.length}`,
    ({ line }) => make("tr", {}, ...line.map((words, i) => (head && words === "" ? make("td", {}) : head || i === 0 ? make("th", { scope: head ? "col" : "row" }) : make("td", {})))),
    (element, { line }) => { for (const [i, cell] of childrenOf(element).entries()) setText(cell, line[i]); });
}

/** How far both agree, in words: key where there is a picture on which both name a class, none where there is not. @param {Agreeing} agreement @param {string} key @param {string} none */
function agreementWords({ pictures, agreed, kappa, interval }, key, none) {
  if (pictures === 0) return text(none);
  const words = { agreed: count(agreed), pictures: count(pictures) };
  if (kappa === null) return text(key, { ...words, kappa: text("agree.kappa.none") });
  if (interval === null) return text(key, { ...words, kappa: text("agree.kappa.alone", { kappa: fixed(kappa) }) });
  return text(key, { ...words, kappa: text("agree.kappa", { kappa: fixed(kappa), low: fixed(interval[0]), high: fixed(interval[1]) }) });
}

/** @param {Agreeing} agreement */
function viewConfusion({ pictures, confusion }) {
  show($("confusion"), pictures > 0);
  fillTable("confusion-head", [["", ...classes.map((name) => text(`short.${name}`))]]);
  fillTable("confusion-body", classes.map((name, i) => [text(`short.${name}`), ...confusion[i].map(count)]));
}

/** Draws what came of computing a saved case again. @param {State} now */
function viewSaved(now) {
  const { saved } = now.case;
  show($("again"), Boolean(saved));
  if (!saved) return;
  // It tells answers, and holds for the list as it was once all of it was read.
  const veiled = hasVeiled(now);
  const comparison = veiled || !isComplete(now) ? null : now.case.comparison;
  $("again").dataset.outcome = comparison?.outcome ?? "";
  setText($("again-heading"), text(comparison ? `again.${comparison.outcome}` : "again.heading"));
  const there = new Set(now.rows.map(({ name }) => name));
  const needed = veiled ? [] : comparison ? comparison.missing : saved.pictures.filter(({ name }) => !there.has(name)).map(({ name }) => name);
  const decisions = saved.pictures.filter(({ decision }) => decision).length;
  const said = [
    text("again.file", { name: saved.name, count: count(saved.pictures.length) }),
    ...(comparison ? [comparison.sentence, ...comparison.causes, ...comparison.remarks] : veiled && isComplete(now) ? [] : [now.case.uncompared && isComplete(now) ? now.case.uncompared : text(now.rows.length === 0 ? "again.give" : "again.computing")]),
    ...(needed.length > 0 ? [text("again.needed", { names: listed(needed) })] : []),
    ...(comparison && comparison.unanswered.length > 0 ? [text("again.unanswered", { names: listed(comparison.unanswered) })] : []),
    ...(comparison && comparison.added.length > 0 ? [text("again.added", { names: listed(comparison.added) })] : []),
    ...(decisions > 0 ? [text(decisions === 1 ? "again.decisions.one" : "again.decisions", { count: count(decisions) })] : []),
  ];
  list($("again-said"), said, (sentence) => sentence, (sentence) => make("li", {}, sentence), () => {});
  viewDifferences(comparison);
}

/** Some names, and how many more there are. @param {string[]} names */
function listed(names) {
  const few = names.slice(0, 10).join(", ");
  return names.length > 10 ? text("again.more", { names: few, count: count(names.length - 10) }) : few;
}

/** @param {Comparison | null} comparison */
function viewDifferences(comparison) {
  const differences = comparison?.differences ?? [];
  show($("differences-box"), differences.length > 0);
  fillTable("differences-head", [["file", "path", "saved", "again"].map((name) => text(`differences.${name}`))]);
  fillTable("differences-body", differences.map(({ file, path, saved, again }) => [file || text("differences.case"), path, saved, again]));
  show($("differences-more"), Boolean(comparison?.more));
  setText($("differences-more"), text("differences.more", { count: count(comparison?.more ?? 0) }));
}

export function wireCase() {
  $("mode").addEventListener("change", ({ target }) => {
    if (!(target instanceof HTMLInputElement)) return;
    showCase(target.value === "all");
    if (target.value === "all") soon(() => $("overview").scrollIntoView({ block: "nearest" }));
  });
  $("case-label").addEventListener("input", () => nameCase($("case-label").value.trim()));
  $("save-case").addEventListener("click", () => writeCase("json"));
  $("save-table").addEventListener("click", () => writeCase("csv"));
  $("page-input").addEventListener("change", () => {
    const [file] = $("page-input").files ?? [];
    $("page-input").value = "";
    if (file) namePage(file);
  });
  $("save-evidence").addEventListener("click", saveEvidence);
  $("case-cancel").addEventListener("click", cancelGathering);
  $("print-report").addEventListener("click", printReport);
}
