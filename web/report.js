// The report to print: one page for the case, then one for each picture worth seeing.

import { caseFile, summarise } from "./case.js";
import { canWriteCase } from "./commands.js";
import { decisionWords } from "./decision.js";
import { $, make } from "./dom.js";
import { evidenceOf, goOver } from "./gather.js";
import { state } from "./state.js";
import { lineOf } from "./table.js";
import { count, language, percent, text } from "./text.js";
import { worthSeeing } from "./worth.js";

/** @import {Settings} from "./messages" */
/** @import {Why} from "./worth.js" */
/** @import {Line, Row} from "./types" */

/** Most pictures that get a page of their own. */
const mostPages = 24;

/** Makes the report and has it printed. */
export async function printReport() {
  if (!canWriteCase(state)) return;
  await summarise(); // what is shown may be a moment old
  const { summary, order } = state.case;
  if (!summary) return;
  const all = worthSeeing(state.rows.map((row) => lineOf(row, state)), order, summary.joint.leading);
  const worth = all.slice(0, mostPages);
  /** @type {Map<Row, Blob>} */
  const pictures = new Map();
  await goOver("report", worth.map(({ line }) => line.row), async (row, signal) => {
    const evidence = await evidenceOf(row, signal);
    if (evidence) pictures.set(row, evidence.file);
  }, async (hold) => {
    clearReport();
    const page = await casePage(worth, all.length);
    hold();
    $("report").append(page, ...worth.map((each) => picturePage(each, pictures.get(each.line.row))));
    await Promise.all([...$("report").querySelectorAll("img")].map((picture) => picture.decode()));
    document.body.toggleAttribute("data-report", true);
    addEventListener("afterprint", clearReport, { once: true });
    print();
  });
}

/** Takes the report away again. */
function clearReport() {
  document.body.toggleAttribute("data-report", false);
  for (const { src } of $("report").querySelectorAll("img")) URL.revokeObjectURL(src);
  $("report").replaceChildren();
}

/** A name with what belongs to it, for each that has something. @param {[string, string | undefined][]} facts */
function factsOf(facts) {
  return make("dl", { className: "figures" }, ...facts.filter(([, value]) => value).map(([name, value]) => make("div", {}, make("dt", {}, text(`report.${name}`)), make("dd", {}, value ?? ""))));
}

/** The page of the case. @param {{ line: Line, why: Why[] }[]} worth @param {number} all */
async function casePage(worth, all) {
  const { label, page } = state.case;
  const { networks, settings, digest } = await caseFile();
  const { identity } = state.engine;
  // What the pictures say together stands on the page already; an id may be there but once.
  const summary = /** @type {HTMLElement} */ ($("summary").cloneNode(true));
  for (const element of [summary, ...summary.querySelectorAll("[id]")]) {
    element.setAttribute("data-was", element.id);
    element.removeAttribute("id");
  }
  const chosen = worth.map(({ line, why }) => make("li", {}, `${line.row.name}: ${whyWords(why)}`));
  return make("section", { className: "report-page" },
    make("h1", {}, label ? text("report.title", { label }) : text("report.title.none")),
    make("p", { className: "disclaimer" }, `${text("disclaimer.what")} ${text("disclaimer.use")}`),
    summary,
    make("h2", {}, text("report.worth")),
    worth.length > 0 ? make("ol", {}, ...chosen) : make("p", {}, text("report.worth.none")),
    ...(all > worth.length ? [make("p", {}, text("report.more", { count: count(all - worth.length) }))] : []),
    make("h2", {}, text("report.how")),
    factsOf([
      ["printed", new Date().toLocaleString(language)],
      ["program", `${identity?.version}, ${identity?.revision}, ${identity?.go}`],
      ["page", page],
      ...networks.flatMap(({ name, weights, calibration }) => /** @type {[string, string][]} */ ([["network", text(`network.${name}`)], ["weights", weights], ["calibration", calibration]])),
      ...[...new Set(state.rows.map(({ answer }) => answer?.correction?.profile))].map((profile) => /** @type {[string, string | undefined]} */ (["profile", profile])),
      ...settings.map((each) => /** @type {[string, string]} */ (["settings", settingsWords(each)])),
      ["digest", digest],
    ]),
    make("p", { className: "sign" }, text("report.sign")));
}

/** @param {Settings} settings */
function settingsWords({ hide, target, samples, features, seed, regions }) {
  return text("report.settings.words", { hide: text(`option.hide.${hide}`), target: text(`option.target.${target}`), samples: count(samples), features: count(features), seed, regions: text(regions ? "report.cells" : "report.superpixels") });
}

/** @param {Why[]} why */
function whyWords(why) {
  return why.map((each) => text(`worth.${each}`)).join("; ");
}

/** The page of a picture. @param {{ line: Line, why: Why[] }} worth @param {Blob | undefined} picture */
function picturePage({ line: { row, predicted, probability, decision }, why }, picture) {
  const { answer } = row;
  const size = answer?.picture;
  return make("section", { className: "report-page" },
    make("h2", {}, row.name),
    make("p", {}, text("report.why", { why: whyWords(why) })),
    ...(picture ? [make("img", { src: URL.createObjectURL(picture), alt: text("stage.field", { name: row.name }) })] : []),
    factsOf([
      ["answer", predicted && probability !== null ? `${text(`class.${predicted}`)}, ${percent(probability)}` : undefined],
      ["reader", decision ? decisionWords(decision) : text("report.reader.none")],
      ["note", decision?.note],
      ["size", size ? text("caption", { width: count(size.width), height: count(size.height) }) : undefined],
      ["sha256", answer?.source?.sha256],
      ["weights", answer?.weights ?? undefined],
      ["profile", answer?.correction?.profile],
    ]),
    make("p", { className: "disclaimer" }, `${text("disclaimer.what")} ${text("disclaimer.use")}`));
}
