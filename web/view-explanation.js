// The explanation: offer, progress, trust, and the list of regions. The second
// opinion on it is in view-second.js.

import { $, list, make, setText, show } from "./dom.js";
import { nucleiOf, sharedOfFive, strongest } from "./evidence.js";
import { caveat, classes, drawnClass, selectedRow, state, subject } from "./state.js";
import { count, fixed, number, percent, share, smallPercent, spread, text, weight } from "./text.js";
import { marked } from "./view-picture.js";

/** Whether two settings ask for the same computation; how many regions are drawn does not matter for it. */
export function sameRun(a, b) {
  return JSON.stringify({ ...a, features: 0 }) === JSON.stringify({ ...b, features: 0 });
}

/** Draws the explanation of the selected picture. */
export function viewExplanation() {
  const row = selectedRow();
  if (!row) return;
  const { progress, drawn, settings, engine } = state;
  const record = row.answer?.record;
  const explanation = row.explanation;
  const stale = Boolean(explanation) && !sameRun(explanation.value.explanation.settings, settings);
  // Where there is no answer, or none that claims something in the picture, there is only evidence to show.
  const kind = record ? caveat(record) : "";

  setText($("explanation-heading"), text(kind === "refused" ? "explain.heading.refused" : "explain.heading"));
  show($("explanation"), !record || Boolean(row.answer.logits));
  show($("offer"), progress?.job !== "explain" && (!explanation || stale));
  setText($("offer-text"), text(stale ? "explain.changed" : kind ? `explain.offer.${kind}` : "explain.offer"));
  show($("offer-actions"), !explanation || stale);
  setText($("explain-label"), text(stale ? "explain.again" : kind ? "explain.button.evidence" : "explain.button"));
  $("explain").disabled = Boolean(progress) || !record || !state.pixels || engine.status === "failed" || !settings || !state.settingsValid;

  show($("progress-box"), Boolean(progress));
  if (progress) {
    const place = $(progress.job === "explain" ? "explain-progress" : "second-progress");
    if ($("progress-box").parentElement !== place) place.append($("progress-box"));
    setText($("progress-stage"), text(`stage.${progress.stage}`));
    $("progress").value = progress.share;
    setText($("time-left"), timeLeft(progress));
  }

  // Where no class comes first, there is nothing to draw before one is chosen.
  const choosing = Boolean(explanation) && !subject();
  show($("explained"), (Boolean(drawn) || choosing) && progress?.job !== "explain");
  show($("evidence"), Boolean(drawn));
  show($("choose-class"), choosing);
  show($("caveat"), kind !== "");
  setText($("caveat"), kind ? text(`explain.${kind}`) : "");
  if (record) viewClasses(record);
  if (drawn) {
    viewTrust(explanation.value, record);
    viewRegions(explanation);
  }
  viewSettings();
}

function timeLeft({ left }) {
  return left < 0.75 ? text("time.soon") : text("time.left", { seconds: count(left) });
}

function viewClasses(record) {
  $("classes").disabled = Boolean(state.progress) || state.engine.status === "failed";
  list($("classes"), ["legend", ...classes], (name) => name,
    (name) => make("label", {},
      make("input", { type: "radio", name: "class", value: name }),
      make("span", {}, text(`short.${name}`))),
    (item, name) => {
      if (name === "legend") return;
      item.querySelector("input").checked = name === subject();
      item.toggleAttribute("data-predicted", name === record.predicted);
      item.title = name === record.predicted ? text("class.predicted") : "";
    });
}

/** Says whether the explanation of this class can be read, and why. */
function viewTrust({ explanation, sentences, evaluation }, { abstained }) {
  const shown = state.drawn.class;
  const { readable, r2, agreement, samples, intercept, localPrediction, targetValue } = shown;
  $("trust").dataset.readable = String(readable);
  const nuclei = nucleiOf(state.drawn.regions, state.drawn.features);
  const without = nuclei.shown > 0 && nuclei.holding === 0;
  $("trust").toggleAttribute("data-no-nucleus", without);
  setText($("trust-heading"), text(!readable ? "trust.unread" : without ? "trust.read.nonucleus" : "trust.read"));
  const reasons = [...sentences[shown.class], ...nucleiWords(nuclei)];
  if (readable) reasons.unshift(text("trust.good", { r2: percent(r2), agreement: agreementWords(shown) }), text("trust.network"));
  list($("trust-reasons"), reasons, (sentence) => sentence, (sentence) => make("li", {}, sentence), () => {});

  const inUnit = (value) => text(`value.${explanation.settings.target}`, { value: number(value) });
  const figures = [
    ["r2", r2, fixed(r2)],
    ["agreement", agreement, fixed(agreement)],
    ["spread", samples.probability.sd, spreadWords(samples.probability)],
    ["local", localPrediction, inUnit(localPrediction)],
    ["network", targetValue, inUnit(targetValue)],
    ["intercept", intercept, inUnit(intercept)],
    ["regions", explanation.superpixels, count(explanation.superpixels)],
    ["samples", explanation.settings.samples, count(explanation.settings.samples)],
    ["method", evaluation.method, text(`method.${evaluation.method}`)],
    ["seed", explanation.settings.seed, String(explanation.settings.seed)],
  ];
  viewFigures($("trust-figures"), figures.filter(([key]) => !abstained || !ofThePicture.has(key)));
}

/** How far two halves of the samples agree on the strongest regions. */
function agreementWords({ agreement, order, coefficients }) {
  const shared = strongest(order, coefficients).length === 5 ? sharedOfFive(agreement) : null;
  return shared === null ? text("agreement.share", { share: percent(agreement) }) : text("agreement.five", { shared: count(shared) });
}

/** Whether the regions that are drawn hold stained nuclei, and what the nuclei weigh. */
function nucleiWords({ shown, holding, found, weight: together }) {
  if (found === 0) return [`${text("nuclei.absent")} ${text("nuclei.rule")}`];
  const key = shown === 1 ? `nuclei.single.${holding === 1 ? "one" : "none"}` : `nuclei.${["none", "one"][holding] ?? (holding === shown ? "all" : "some")}`;
  const words = { shown: inWords(shown), holding: inWords(holding), class: text(`short.${drawnClass()}`), kind: text(`kind.${state.drawn.by}`), weight: weight(together) };
  return [
    ...(shown > 0 ? [text(key, { ...words, holding: words.holding.replace(/^./, (letter) => letter.toUpperCase()) })] : []),
    `${text(together < 0 ? "nuclei.against" : "nuclei.for", words)} ${text("nuclei.rule")}`,
  ];
}

/** A small number as it is said. */
function inWords(n) {
  return n >= 2 && n <= 9 ? text(`in-words.${n}`) : count(n);
}

/** Figures that say how probable the class is: they are withheld where there is no answer. */
const ofThePicture = new Set(["spread", "local", "network", "intercept"]);

function spreadWords({ mean, sd, min, max }) {
  return text("figure.spread.value", { mean: smallPercent(mean), sd: smallPercent(sd), min: smallPercent(min), max: smallPercent(max) });
}

/** Draws figures [key, value, words]; name gives what each is called. */
export function viewFigures(parent, figures, name = (key) => text(`figure.${key}`)) {
  list(parent, figures, ([key]) => key,
    ([key]) => make("div", { "data-figure": key }, make("dt", {}, name(key)), make("dd")),
    (item, [, value, words]) => {
      item.dataset.value = value;
      setText(item.lastElementChild, words);
    });
}

function viewRegions({ value: { explanation }, second }) {
  const { drawn, hovered, pinned, allRegions } = state;
  const { coefficients } = drawn.class;
  const shapley = second?.shapley.classes[drawn.class.class];
  const limits = { lime: greatest(coefficients), shapley: shapley ? greatest(shapley.values) : 0 };
  const words = { class: text(`short.${drawnClass()}`) };
  const { pro, contra } = marked(state);
  setText($("regions-hint"), text("regions.hint", { unit: text(`unit.long.${explanation.settings.target}`) }));
  $("regions").dataset.by = drawn.by;
  $("regions").toggleAttribute("data-second", Boolean(shapley));
  viewGroup("for", pro);
  viewGroup("against", contra);
  show($("regions-more"), allRegions || drawn.regions.length > pro.length + contra.length);
  setText($("regions-more"), text(allRegions ? "regions.fewer" : "regions.more", { count: drawn.regions.length }));
  $("regions-more").setAttribute("aria-expanded", String(allRegions));

  function viewGroup(sign, regions) {
    setText($(`${sign}-heading`), text(regions.length > 0 ? `regions.${sign}` : `regions.${sign}.none`, words));
    list($(`regions-${sign}`), regions, (region) => region.superpixel,
      ({ superpixel }) => make("li", {}, make("button", { type: "button", className: "region", "data-region": superpixel, "data-testid": "region" },
        hidden(text("regions.region")), make("span", { className: "mark" }), hidden(""),
        track("lime"),
        make("span", { className: "region-weight lime" }, kind("lime"), hidden(text("regions.weight")), make("span")),
        make("span", { className: "region-area" }),
        track("shapley"),
        make("span", { className: "region-weight shapley" }, kind("shapley"), hidden(text("regions.value")),
          make("span", {}, make("span"), make("span", { "aria-hidden": "true" }, " ± "), hidden(text("regions.error")), make("span"))))),
      (item, region) => {
        const { superpixel } = region;
        const button = item.firstElementChild;
        const [, mark, side, limeTrack, limeText, area, shapleyTrack, shapleyText] = button.children;
        button.dataset.weight = region.weight;
        button.dataset.share = region.share;
        button.toggleAttribute("data-nucleus", region.nucleus);
        button.setAttribute("aria-pressed", String(pinned === superpixel));
        button.toggleAttribute("data-on", superpixel === (hovered ?? pinned));
        setText(mark, region.mark);
        setText(side, text(`regions.${sign}.side`, words));
        fill(limeTrack, coefficients[superpixel], limits.lime);
        setText(limeText.lastElementChild, weight(coefficients[superpixel]));
        setText(area, text("regions.area.short", { percent: share(region.share) }));
        show(shapleyTrack, Boolean(shapley));
        show(shapleyText, Boolean(shapley));
        if (!shapley) return;
        const [value, error] = [shapley.values[superpixel], shapley.standardErrors[superpixel]];
        button.dataset.shapley = value;
        button.dataset.error = error;
        fill(shapleyTrack, value, limits.shapley);
        const { firstElementChild, lastElementChild } = shapleyText.lastElementChild;
        setText(firstElementChild, weight(value));
        setText(lastElementChild, spread(error, value));
      });
  }
}

/** Words for screen readers. */
function hidden(words) {
  return make("span", { className: "visually-hidden" }, words);
}

/** Whose weight it is, which is written only where there are two. */
function kind(name) {
  return make("span", { className: "kind" }, text(`regions.${name}`));
}

function greatest(values) {
  return Math.max(...values.map(Math.abs));
}

function track(name) {
  return make("span", { className: `track ${name}` }, make("span", { className: "fill" }));
}

function fill({ firstElementChild: bar }, value, limit) {
  bar.style.setProperty("--share", limit > 0 ? Math.abs(value) / limit : 0);
  bar.toggleAttribute("data-against", value < 0);
}

function viewSettings() {
  const { settings, presets, permutations } = state;
  show($("settings"), Boolean(settings));
  if (!settings) return;
  const own = !presets.some((preset) => JSON.stringify(preset.settings) === JSON.stringify(settings));
  list($("preset"), [...presets.map((preset) => preset.name), "own"], (name) => name,
    (name) => make("option", { value: name }, text(`preset.${name}`)),
    (option, name) => { option.disabled = name === "own"; });
  $("preset").value = own ? "own" : presets.find((preset) => JSON.stringify(preset.settings) === JSON.stringify(settings)).name;
  for (const [name, values] of [["hide", ["mean", "black"]], ["target", ["log-odds", "probability"]]]) {
    list($(`set-${name}`), values, (value) => value, (value) => make("option", { value }, text(`option.${name}.${value}`)), () => {});
    $(`set-${name}`).value = settings[name];
  }
  for (const [name, value] of Object.entries({ samples: settings.samples, features: settings.features, seed: settings.seed, permutations })) {
    const input = $(`set-${name}`);
    if (document.activeElement !== input && input.getAttribute("aria-invalid") !== "true") input.value = value;
  }
}
