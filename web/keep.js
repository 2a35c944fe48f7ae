// What can be taken along: all the numbers as JSON, and the picture as it is shown.

import { say } from "./announcer.js";
import { $, setText, show } from "./dom.js";
import { snapshot } from "./snapshot.js";
import { caveat, drawnClass, notify, selectedRow, state } from "./state.js";
import { count, isolated, percent, shortened, text, weight } from "./text.js";
import { marked, numbered } from "./view-picture.js";

/**
 * Everything that is known of the selected picture, unrounded. Where there is no answer,
 * what the network computed all the same stands under a name that says so: none of it is
 * to be taken for an answer by whoever reads the file.
 */
function report() {
  const row = selectedRow();
  if (!row?.answer) return null;
  const { record, network, weights, logits, picture } = row.answer;
  const way = row.source.example ? "example" : row.source.pasted ? "canvas" : "file";
  const { value, second } = row.explanation ?? {};
  const computed = { logits, ...value, ...(second && { secondOpinion: { shapley: second.shapley, agreement: second.agreement } }) };
  return {
    ...record, network, model: weights, picture: picture && { ...picture, source: way }, program: state.engine.identity,
    ...(!record.abstained ? computed : logits && { notAnAnswer: computed }),
  };
}

function reportText() {
  const value = report();
  return value ? JSON.stringify(value, null, 2) : "";
}

/** Draws what is offered for taking along. */
export function viewKeep() {
  const row = selectedRow();
  show($("keep"), Boolean(row?.answer));
  $("save-png").disabled = !state.pixels;
  if ($("numbers-box").open) setText($("result-json"), reportText());
}

function save(blob, extension, { name }) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = `${name.replace(/\.\w+$/, "")}.allnet.${extension}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

async function copyReport() {
  try {
    await navigator.clipboard.writeText(reportText());
  } catch {
    return notify(text("error.copy"));
  }
  say(text("keep.copied"), "copy");
  setText($("copy-json"), text("keep.copied"));
  setTimeout(() => setText($("copy-json"), text("keep.copy")), 2000);
}

async function savePicture() {
  const row = selectedRow(); // another may be selected, or none, before the file is written
  if (!row?.answer || !state.pixels) return;
  try {
    save(await snapshot(pictured(row)), "png", row);
  } catch {
    notify(text("error.save"));
  }
}

/** The beginning of a commit, and what is appended to it; as build/source/identity.go shortens it. */
function shortRevision(revision) {
  return revision.replace(/^([0-9a-f]{12})[0-9a-f]*/, "$1");
}

/** What the saved picture says: see snapshot. */
function pictured(row) {
  const { drawn, view } = state;
  const { record, network, weights } = row.answer;
  const { version, revision, go } = state.engine.identity;
  const explained = drawn && view !== "picture";
  const limit = drawn?.legend.limit;
  return {
    marks: numbered(state),
    badge: explained && !drawn.readable ? text("trust.badge") : "",
    legend: explained && view === "heat" ? { ticks: [weight(-limit), "0", weight(limit)], ends: [text("scale.against"), text("scale.for")] } : null,
    title: isolated(shortened(row.name, 60)),
    sentences: [
      record.abstained ? `${text("result.abstained")}. ${record.reason}` : `${text(`class.${record.predicted}`)}, ${percent(record.probabilities[record.predicted])}`,
      ...(row.source.example ? [text("note.synthetic")] : []),
      ...(explained ? explanationWords(row.explanation, caveat(record)) : []),
      `${text("identity.version")} ${version}, ${text("identity.revision")} ${shortRevision(revision)}${text("identity.rest", { network: text(`network.${network}`), weights: weights.slice(0, 16), go })}`,
      `${text("disclaimer.what")} ${text("disclaimer.use")}`,
    ],
  };
}

/** What is drawn of an explanation and with which settings it was made. */
function explanationWords({ value: { explanation }, second }, kind) {
  const { drawn, view, presets } = state;
  const { settings } = explanation;
  const preset = presets.find(({ settings: own }) => JSON.stringify({ ...own, seed: 0, features: 0 }) === JSON.stringify({ ...settings, seed: 0, features: 0 }));
  const words = { class: text(`short.${drawnClass()}`), by: text(`by.${drawn.by}`), unit: text(`unit.${settings.target}`) };
  const none = view !== "heat" && marked(state).pro.length === 0;
  const orders = drawn.by === "shapley" ? text("saved.orders", { permutations: count(second.shapley.settings.permutations) }) : "";
  return [
    none ? `${text("regions.for.none", words)} (${words.by}).` : text(`saved.${view}`, words),
    ...(drawn.readable ? [] : [text("trust.unread")]),
    ...(kind ? [text(`explain.${kind}`)] : []),
    text("saved.settings", {
      preset: text(preset ? `preset.${preset.name}` : "preset.own"), hide: text(`option.hide.${settings.hide}`), target: text(`option.target.${settings.target}`),
      samples: count(settings.samples), seed: settings.seed, regions: count(explanation.superpixels), orders,
    }),
  ];
}

/** Listens to the buttons. */
export function wireKeep() {
  $("copy-json").addEventListener("click", copyReport);
  $("save-json").addEventListener("click", () => save(new Blob([reportText()], { type: "application/json" }), "json", selectedRow()));
  $("save-png").addEventListener("click", savePicture);
  $("numbers-box").addEventListener("toggle", viewKeep);
}
