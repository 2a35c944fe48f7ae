// The explanation: offer, progress, trust, and the list of regions. The second
// opinion on it is in view-second.js.

import { awaitsExplanation, canExplain, canShowClass, isChoosing, isStale, offersExplanation } from "./commands.js";
import { $, childrenOf, find, inputs, list, make, setText, show } from "./dom.js";
import { nucleiOf, sharedOfFive, strongest } from "./evidence.js";
import { readingWords } from "./readings.js";
import { caveat, classes, drawnClass, isVeiled, mostAtOnce, numberSettings, presetsFor, seenRow, state, subject } from "./state.js";
import { count, fixed, number, percent, share, smallPercent, spread, text, weight } from "./text.js";
import { drawThumb, isByCells } from "./view-cells.js";
import { marked, viewInset } from "./view-picture.js";

/** @import {ClassExplanation, PictureRecord, Region, Spread} from "./messages" */
/** @import {Drawn, Progress, SettingName, Weighing} from "./types" */

// Of both groups, with regions in it and without.
const headings = {
  cells: { for: ["cells.for", "cells.for.none"], against: ["cells.against", "cells.against.none"] },
  regions: { for: ["regions.for", "regions.for.none"], against: ["regions.against", "regions.against.none"] },
};

/** What holds evidence. */
const evidence = ["trust-heading", "trust-reasons", "trust-figures", "cells-said", "tested-said", "tested-chart", "tested-more", "tested-figures", "second-heading", "second-reasons", "second-figures", "made-with", "for-heading", "regions-for", "against-heading", "regions-against"];

/** Draws the explanation of the selected picture. */
export function viewExplanation() {
  const row = seenRow();
  if (!row) return;
  const { progress, drawn, settings } = state;
  const record = row.answer?.record;
  const stale = isStale(state);
  // Where there is no answer, or none that claims something in the picture, there is only evidence to show.
  const kind = record ? caveat(record) : "";

  setText($("explanation-heading"), text(kind === "refused" ? "explain.heading.refused" : "explain.heading"));
  show($("explanation"), !isVeiled(row) && (!row.answer || Boolean(row.answer.logits)));
  show($("awaited"), awaitsExplanation(state));
  setText($("awaited"), text(settings?.regions ? "explain.awaited.cells" : "explain.awaited"));
  show($("offer"), progress?.job !== "explain" && offersExplanation(state));
  setText($("offer-text"), text(stale ? "explain.changed" : kind ? `explain.offer.${kind}` : settings?.regions ? "explain.offer.cells" : "explain.offer"));
  setText($("explain-label"), text(stale ? "explain.again" : kind ? "explain.button.evidence" : "explain.button"));
  $("explain").disabled = !canExplain(state);

  show($("progress-box"), Boolean(progress));
  if (progress) {
    const place = $(progress.job === "explain" ? "explain-progress" : "second-progress");
    if ($("progress-box").parentElement !== place) place.append($("progress-box"));
    setText($("progress-stage"), text(`stage.${progress.stage}`));
    $("progress").value = progress.share;
    setText($("time-left"), timeLeft(progress));
  }

  // Where no class comes first, there is nothing to draw before one is chosen.
  const choosing = isChoosing(state);
  show($("explained"), (Boolean(drawn) || choosing) && progress?.job !== "explain");
  show($("evidence"), Boolean(drawn));
  show($("choose-class"), choosing);
  show($("caveat"), kind !== "");
  setText($("caveat"), kind ? text(`explain.${kind}`) : "");
  viewClasses(record);
  if (isVeiled(row)) for (const id of evidence) $(id).replaceChildren(); // it may have been shown before
  if (drawn && record) {
    viewTrust(drawn, record);
    viewRegions(drawn, record);
    setText($("made-with"), madeWith(drawn));
  }
  viewInset();
  viewSettings();
}

/** @param {Progress} progress */
function timeLeft({ left }) {
  return left < 0.75 ? text("time.soon") : text("time.left", { seconds: count(left) });
}

/** @param {PictureRecord | undefined} record */
function viewClasses(record) {
  $("classes").disabled = !canShowClass(state);
  list($("classes"), ["legend", ...classes], (name) => name,
    (name) => make("label", {},
      make("input", { type: "radio", name: "class", value: name }),
      make("span", {}, text(`short.${name}`))),
    (item, name) => {
      if (name === "legend") return;
      const predicted = name === record?.predicted;
      for (const input of inputs(item)) input.checked = Boolean(record) && name === subject();
      item.toggleAttribute("data-predicted", predicted);
      item.title = predicted ? text("class.predicted") : "";
    });
}

/** Says whether the explanation of this class can be read, and why. @param {Drawn} drawn @param {PictureRecord} record */
function viewTrust(drawn, { abstained }) {
  const { class: shown, explanation: { value } } = drawn;
  const { explanation, sentences, evaluation } = value;
  const { readable, r2, agreement, samples, intercept, localPrediction, targetValue } = shown;
  $("trust").dataset.readable = String(readable);
  const nuclei = nucleiOf(drawn.regions, drawn.features);
  const byCells = isByCells(drawn);
  const without = !byCells && nuclei.shown > 0 && nuclei.holding === 0;
  $("trust").toggleAttribute("data-no-nucleus", without);
  setText($("trust-heading"), text(!readable ? "trust.unread" : without ? "trust.read.nonucleus" : "trust.read"));
  const reasons = [...sentences[shown.class], ...(byCells ? [text("cells.all")] : nucleiWords(nuclei, drawn.by))];
  if (readable) reasons.unshift(text("trust.good", { r2: percent(r2), agreement: agreementWords(shown) }), text("trust.network"));
  list($("trust-reasons"), reasons, (sentence) => sentence, (sentence) => make("li", {}, sentence), () => {});

  const inUnit = (/** @type {number} */ part) => text(`value.${explanation.settings.target}`, { value: number(part) });
  /** @type {Figure[]} */
  const figures = [
    ["r2", r2, fixed(r2)],
    ["agreement", agreement, fixed(agreement)],
    ["spread", samples.probability.sd, spreadWords(samples.probability)],
    ["local", localPrediction, inUnit(localPrediction)],
    ["network", targetValue, inUnit(targetValue)],
    ["intercept", intercept, inUnit(intercept)],
    [byCells ? "cells" : "regions", explanation.superpixels, count(explanation.superpixels)],
    ["samples", explanation.settings.samples, count(explanation.settings.samples)],
    ["method", evaluation.method, text(`method.${evaluation.method}`)],
    ["seed", explanation.settings.seed, String(explanation.settings.seed)],
  ];
  viewFigures($("trust-figures"), figures.filter(([key]) => !abstained || !ofThePicture.has(key)));
}

/** How far two halves of the samples agree on the strongest regions. @param {ClassExplanation} shown */
function agreementWords({ agreement, order, coefficients }) {
  const shared = strongest(order, coefficients).length === 5 ? sharedOfFive(agreement) : null;
  return shared === null ? text("agreement.share", { share: percent(agreement) }) : text("agreement.five", { shared: count(shared) });
}

/** Whether the regions that are drawn hold stained nuclei, and what the nuclei weigh. @param {ReturnType<typeof nucleiOf>} nuclei @param {Weighing} by */
function nucleiWords({ shown, holding, found, weight: together }, by) {
  if (found === 0) return [`${text("nuclei.absent")} ${text("nuclei.rule")}`];
  const key = shown === 1 ? `nuclei.single.${holding === 1 ? "one" : "none"}` : `nuclei.${["none", "one"][holding] ?? (holding === shown ? "all" : "some")}`;
  const words = { shown: inWords(shown), holding: inWords(holding), class: text(`short.${drawnClass()}`), kind: text(`kind.${by}`), weight: weight(together) };
  return [
    ...(shown > 0 ? [text(key, { ...words, holding: words.holding.replace(/^./, (letter) => letter.toUpperCase()) })] : []),
    `${text(together < 0 ? "nuclei.against" : "nuclei.for", words)} ${text("nuclei.rule")}`,
  ];
}

/** A small number as it is said. @param {number} n */
function inWords(n) {
  return n >= 2 && n <= 9 ? text(`in-words.${n}`) : count(n);
}

/** Figures that say how probable the class is: they are withheld where there is no answer. */
const ofThePicture = new Set(["spread", "local", "network", "intercept"]);

/** @param {Spread} spread */
function spreadWords({ mean, sd, min, max }) {
  return text("figure.spread.value", { mean: smallPercent(mean), sd: smallPercent(sd), min: smallPercent(min), max: smallPercent(max) });
}

/** The name of a figure, its value, and the value in words. @typedef {readonly [string, number | string, string]} Figure */

/** Draws figures; name gives what each is called. @param {Element} parent @param {Figure[]} figures @param {(key: string) => string} [name] */
export function viewFigures(parent, figures, name = (key) => text(`figure.${key}`)) {
  list(parent, figures, ([key]) => key,
    ([key]) => make("div", { "data-figure": key }, make("dt", {}, name(key)), make("dd")),
    (item, [, value, words]) => {
      item.dataset.value = String(value);
      setText(find(item, "dd"), words);
    });
}

/** @param {Drawn} drawn @param {PictureRecord} record */
function viewRegions(drawn, { abstained }) {
  const { hovered, pinned, allRegions } = state;
  const { value: { explanation }, second } = drawn.explanation;
  const { coefficients } = drawn.class;
  const shapley = second?.shapley.classes[drawn.class.class];
  const byCells = isByCells(drawn);
  const alone = abstained ? null : drawn.explanation.value.readings?.cells; // what is no answer is not told cell by cell either
  const limits = { lime: greatest(coefficients), shapley: shapley ? greatest(shapley.values) : 0 };
  const words = { class: text(`short.${drawnClass()}`) };
  const { pro, contra } = marked(state);
  setText($("regions-hint"), text(byCells ? "regions.hint.cells" : "regions.hint", { unit: text(`unit.long.${explanation.settings.target}`) }));
  $("regions").dataset.by = drawn.by;
  $("regions").toggleAttribute("data-second", Boolean(shapley));
  $("regions").toggleAttribute("data-cells", byCells);
  viewGroup("for", pro);
  viewGroup("against", contra);
  show($("regions-more"), allRegions || drawn.regions.length > pro.length + contra.length);
  setText($("regions-more"), text(allRegions ? "regions.fewer" : "regions.more", { count: drawn.regions.length }));
  $("regions-more").setAttribute("aria-expanded", String(allRegions));

  /** @param {"for" | "against"} sign @param {(Region & { mark: string })[]} regions */
  function viewGroup(sign, regions) {
    setText($(`${sign}-heading`), text(headings[byCells ? "cells" : "regions"][sign][regions.length > 0 ? 0 : 1], words));
    list($(`regions-${sign}`), regions, (region) => region.superpixel,
      ({ superpixel }) => make("li", {}, make("button", { type: "button", className: "region", "data-region": superpixel, "data-testid": "region" },
        hidden(""), make("span", { className: "mark" }), hidden(""),
        track("lime"),
        make("span", { className: "region-weight lime" }, kind("lime"), hidden(text("regions.weight")), make("span")),
        make("span", { className: "region-area" }),
        track("shapley"),
        make("span", { className: "region-weight shapley" }, kind("shapley"), hidden(text("regions.value")),
          make("span", {}, make("span"), make("span", { "aria-hidden": "true" }, " ± "), hidden(text("regions.error")), make("span"))),
        make("canvas", { className: "cell-thumb", width: 72, height: 72, "aria-hidden": "true" }),
        make("span", { className: "cell-alone" }))),
      (item, region) => {
        const { superpixel } = region;
        const button = find(item, ".region");
        const [kindOf, mark, side, limeTrack, limeText, area, shapleyTrack, shapleyText, thumb, reading] = childrenOf(button);
        setText(kindOf, text(byCells ? "regions.cell" : "regions.region"));
        show(thumb, byCells);
        show(reading, Boolean(alone));
        if (byCells) drawThumb(/** @type {HTMLCanvasElement} */ (thumb), superpixel);
        button.dataset.alone = alone ? (alone[superpixel].alone.neither ? "neither" : alone[superpixel].alone.class) : "";
        setText(reading, alone ? text("cells.alone", { reading: readingWords(alone[superpixel].alone) }) : "");
        button.dataset.weight = String(region.weight);
        button.dataset.share = String(region.share);
        button.toggleAttribute("data-nucleus", region.nucleus);
        button.setAttribute("aria-pressed", String(pinned === superpixel));
        button.toggleAttribute("data-on", superpixel === (hovered ?? pinned));
        setText(mark, region.mark);
        setText(side, text(`regions.${sign}.side`, words));
        fill(limeTrack, coefficients[superpixel], limits.lime);
        setText(childrenOf(limeText)[2], weight(coefficients[superpixel]));
        setText(area, text("regions.area.short", { percent: share(region.share) }));
        show(shapleyTrack, Boolean(shapley));
        show(shapleyText, Boolean(shapley));
        if (!shapley) return;
        const [value, error] = [shapley.values[superpixel], shapley.standardErrors[superpixel]];
        button.dataset.shapley = String(value);
        button.dataset.error = String(error);
        fill(shapleyTrack, value, limits.shapley);
        const [written, , , spreadWritten] = childrenOf(childrenOf(shapleyText)[2]);
        setText(written, weight(value));
        for (const part of childrenOf(childrenOf(shapleyText)[2]).slice(1)) show(part, !second?.shapley.exact);
        setText(spreadWritten, spread(error, value));
      });
  }
}

/** Words for screen readers. @param {string} words */
function hidden(words) {
  return make("span", { className: "visually-hidden" }, words);
}

/** Whose weight it is, which is written only where there are two. @param {string} name */
function kind(name) {
  return make("span", { className: "kind" }, text(`regions.${name}`));
}

/** @param {number[]} values */
function greatest(values) {
  return Math.max(...values.map(Math.abs));
}

/** @param {string} name */
function track(name) {
  return make("span", { className: `track ${name}` }, make("span", { className: "fill" }));
}

/** @param {Element} parent @param {number} value @param {number} limit */
function fill(parent, value, limit) {
  const bar = find(parent, ".fill");
  bar.style.setProperty("--share", String(limit > 0 ? Math.abs(value) / limit : 0));
  bar.toggleAttribute("data-against", value < 0);
}

function viewSettings() {
  const { settings, permutations, limits, invalid, atOnce } = state;
  const presets = presetsFor(state.network);
  show($("settings"), Boolean(settings));
  if (!settings || !limits) return;
  const preset = presets.find((each) => JSON.stringify(each.settings) === JSON.stringify(settings));
  list($("preset"), [...presets.map((each) => each.name), "own"], (name) => name,
    (name) => make("option", { value: name }, text(`preset.${name}`)),
    (option, name) => { option.disabled = name === "own"; });
  $("preset").value = preset?.name ?? "own";
  for (const [name, values] of /** @type {const} */ ([["hide", ["mean", "black"]], ["target", ["log-odds", "probability"]]])) {
    list($(`set-${name}`), name === "hide" && settings.regions ? ["removed"] : [...values], (value) => value, (value) => make("option", { value }, text(`option.${name}.${value}`)), () => {});
    $(`set-${name}`).value = settings[name];
  }
  /** @type {Partial<Record<SettingName, [number, number]>>} */
  const bounds = { samples: [limits.minSamples, limits.maxSamples], features: [1, limits.maxFeatures], permutations: [limits.minPermutations, limits.maxPermutations] };
  for (const name of numberSettings) {
    const input = $(`set-${name}`);
    const unusable = invalid.includes(name);
    const [low, high] = bounds[name] ?? [input.min, input.max];
    if (input.min !== String(low)) input.min = String(low);
    if (input.max !== String(high)) input.max = String(high);
    input.setAttribute("aria-invalid", String(unusable));
    input.setAttribute("aria-describedby", `gloss-${name}${unusable ? " settings-error" : ""}`);
    if (document.activeElement !== input && !unusable) input.value = String({ ...settings, permutations }[name]);
  }
  $("at-once").checked = atOnce;
  setText($("gloss-at-once"), text("gloss.at-once", { most: count(mostAtOnce) }));
  setText($("settings-error"), text("settings.invalid", { ...limits }));
  show($("settings-error"), invalid.length > 0);
}

/** With which settings an explanation that is drawn was made. @param {Drawn} drawn */
export function madeWith({ by, explanation: { value: { explanation }, second } }) {
  const { settings, superpixels } = explanation;
  const own = (/** @type {typeof settings} */ each) => JSON.stringify({ ...each, seed: 0, features: 0 });
  const preset = state.presets.find((each) => own(each.settings) === own(settings));
  const orders = by === "shapley" && second ? text("saved.orders", { permutations: count(second.shapley.settings.permutations) }) : "";
  return text("saved.settings", {
    preset: text(preset ? `preset.${preset.name}` : "preset.own"), hide: text(`option.hide.${settings.hide}`), target: text(`option.target.${settings.target}`),
    samples: count(settings.samples), seed: settings.seed, regions: count(superpixels), orders,
  });
}
