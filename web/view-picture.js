// The picture with what is drawn over it.

import { canShowView } from "./commands.js";
import { nameOf } from "./decision.js";
import { $, inputs, list, make, setText, show } from "./dom.js";
import { greyed, places } from "./marks.js";
import { drawnClass, isVeiled, noCell, selectedRow, side, state, unfit, views } from "./state.js";
import { count, isolated, share, text, weight, wholePercent } from "./text.js";
import { cellLines, cellsShown, isByCells } from "./view-cells.js";
import { fieldWords } from "./view-ready.js";

/** @import {Pixels, Region} from "./messages" */
/** @import {Layer} from "./snapshot.js" */
/** @import {Row, State} from "./types" */

/** The regions that are drawn, with the mark of each: 1, 2, 3 … for, A, B, C … against; cells have their numbers, and all of them are there. @param {Pick<State, "drawn" | "allRegions">} now @returns {Record<"pro" | "contra", (Region & { mark: string })[]>} */
export function marked({ drawn, allRegions }) {
  if (!drawn) return { pro: [], contra: [] };
  const cells = isByCells(drawn);
  const most = allRegions || cells ? Infinity : drawn.features;
  const pro = drawn.regions.filter((region) => region.weight > 0).slice(0, most);
  const contra = drawn.regions.filter((region) => region.weight < 0).slice(0, most);
  return {
    pro: pro.map((region, i) => ({ ...region, mark: String((cells ? region.superpixel : i) + 1) })),
    contra: contra.map((region, i) => ({ ...region, mark: cells ? String(region.superpixel + 1) : letters(i) })),
  };
}

/** The marked regions whose marks are drawn on the picture, with the place of each mark. @param {State} now */
export function numbered(now) {
  const { drawn, pixels } = now;
  if (!pixels || (drawn ? now.view === "picture" || now.view === "gradCAM" : !now.cells || !now.outlined)) return [];
  const { pro, contra } = marked(now);
  const byCells = isByCells(drawn);
  const everyCell = !drawn || (byCells && (now.view === "heat" || (now.view === "outline" && now.outlined)));
  const all = everyCell ? cellsShown(now) : now.view === "heat" ? [...pro, ...contra] : byCells ? pro.slice(0, drawn.features) : pro;
  const labels = drawn?.explanation.labels ?? now.cells;
  if (!labels) return [];
  const key = all.map(({ superpixel }) => superpixel).join();
  if (placed.drawn !== drawn || placed.pixels !== pixels || placed.key !== key) placed = { drawn, pixels, key, places: places(pixels, labels, all, side) };
  return all.map((region, i) => ({ ...region, ...placed.places[i] }));
}

/**
 * The places of the marks that were drawn last.
 * @type {{ drawn: State["drawn"], pixels: Pixels | null, key: string, places: { x: number, y: number }[] }}
 */
let placed = { drawn: null, pixels: null, key: "", places: [] };

/** A, B … Z, AA, AB … @param {number} i @returns {string} */
function letters(i) {
  return (i >= 26 ? letters(Math.floor(i / 26) - 1) : "") + String.fromCharCode(65 + (i % 26));
}

/** What each canvas shows, so that it is drawn only when that changes. @type {Record<string, Pixels | null>} */
const shown = {};

/**
 * Shows a square of pixels, of whatever size: outlines are finer than the picture.
 * @param {"picture-canvas" | "cells-canvas" | "layer-canvas" | "highlight-canvas"} id
 * @param {Pixels | null} pixels
 */
function paint(id, pixels) {
  if (shown[id] === pixels) return;
  shown[id] = pixels;
  const canvas = $(id);
  const size = pixels ? Math.sqrt(pixels.length / 4) : side;
  if (canvas.width !== size) canvas.width = canvas.height = size;
  const context = contextOf(canvas);
  if (pixels) context.putImageData(new ImageData(pixels, size, size), 0, 0);
  else context.clearRect(0, 0, size, size);
}

/** The picture that was shown in grey last. @type {{ of: Pixels | null, pixels: Pixels | null }} */
let grey = { of: null, pixels: null };

/** The picture as it is to be seen under what is drawn: in grey under a heat map or Grad-CAM's. @param {State} now */
function ground({ pixels, drawn, view }) {
  if (!pixels || !drawn || (view !== "heat" && view !== "gradCAM")) return pixels;
  if (grey.of !== pixels) grey = { of: pixels, pixels: greyed(pixels) };
  return grey.pixels;
}

/** What is drawn of a picture, from the picture itself to what lies above all. @param {State} now @returns {Layer[]} */
export function layersOf(now) {
  const { pixels, drawn, view, opacity } = now;
  return [
    { pixels: ground(now), opacity: 1 },
    { pixels: pixels && cellLines(now), opacity: drawn ? 0.5 : 1 }, // the strongest ones stand out
    { pixels: drawn?.layers[view] ?? null, opacity: opacity[view] ?? 1 },
  ];
}

/** @param {HTMLCanvasElement} canvas */
function contextOf(canvas) {
  return /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
}

/** Draws the selected picture, its layers, numbers and scale. */
export function viewPicture() {
  const row = selectedRow();
  show($("picture"), Boolean(row) && !state.case.shown);
  if (!row) return;
  const { pixels, drawn, view, opacity, hovered, pinned } = state;
  setText($("picture-name"), nameOf(row));
  setText($("caption"), regionCaption() ?? caption(row));
  const name = isolated(nameOf(row));
  const blank = blankOf(row);
  const unreadable = drawn !== null && view !== "picture" && !drawn.readable;
  // To a screen reader the stage is one picture: all that is written on it is in its name.
  const shows = drawn && view !== "picture"
    ? text("stage.layer", { name, view: text(`view.long.${view}`), class: text(`class.${drawnClass()}`), by: text(`by.${view === "gradCAM" ? view : drawn.by}`) })
    : text(state.cells ? "stage.field" : "stage.picture", { name });
  $("stage").setAttribute("aria-label", [blank && !pixels ? "" : shows, unreadable ? text("trust.unread") : "", blank].filter(Boolean).join(" "));
  $("stage").dataset.view = drawn ? view : "picture";
  $("stage").toggleAttribute("data-unreadable", unreadable);
  for (const [i, layer] of layersOf(state).entries()) {
    const id = /** @type {const} */ (["picture-canvas", "cells-canvas", "layer-canvas"])[i];
    paint(id, layer.pixels);
    $(id).style.setProperty("opacity", String(layer.opacity));
  }
  paint("highlight-canvas", drawn && (hovered ?? pinned) !== noCell ? veil(drawn.explanation.labels, hovered ?? pinned) : null);

  show($("drawing"), canShowView(state));
  for (const input of inputs($("views"))) input.checked = input.value === view;
  $("opacity-row").toggleAttribute("data-off", view === "picture");
  $("opacity").disabled = view === "picture";
  $("opacity").value = String(Math.round(100 * (opacity[view] ?? 1)));
  setText($("opacity-value"), wholePercent(opacity[view] ?? 1));

  $("numbers").style.setProperty("opacity", String(opacity[view] ?? 1));
  list($("numbers"), numbered(state), (region) => region.mark,
    ({ mark }) => make("span", { className: "number", "aria-hidden": "true" }, mark),
    (element, { x, y, superpixel }) => {
      element.style.setProperty("left", `${(100 * (x + 0.5)) / side}%`);
      element.style.setProperty("top", `${(100 * (y + 0.5)) / side}%`);
      element.toggleAttribute("data-on", superpixel === (hovered ?? pinned));
    });

  show($("stage-blank"), blank !== "");
  setText($("stage-blank"), blank);
  $("stage-blank").toggleAttribute("data-late", Boolean(row.thumb) && !pixels);

  const scale = scaleOf(state);
  show($("scale"), scale !== null);
  if (!scale) return;
  $("scale").toggleAttribute("data-half", scale.half);
  setText($("scale-low"), scale.ticks[0]);
  setText($("scale-middle"), scale.ticks[1]);
  setText($("scale-high"), scale.ticks[2]);
  setText($("scale-against"), scale.ends[0]);
  setText($("scale-for"), text("scale.for"));
}

/** The scale of the map that is drawn: half is from nothing to what speaks most for the class. @param {State} now */
export function scaleOf({ drawn, view }) {
  if (drawn && view === "heat") {
    const { limit } = drawn.legend;
    return { half: false, ticks: [weight(-limit), "0", weight(limit)], ends: [text("scale.against"), text("scale.for")] };
  }
  if (!drawn?.gradCAM || view !== "gradCAM") return null;
  return { half: true, ticks: ["0", "", weight(drawn.gradCAM.limit)], ends: ["", text("scale.for")] };
}

/** What is written where there is nothing to see. @param {Row} row */
function blankOf(row) {
  const { answer, thumb } = row;
  const { pixels, drawn, view } = state;
  if (isVeiled(row)) return pixels || !thumb ? "" : text("stage.again"); // what is wrong with it would tell that there is no answer
  if (!pixels && unfit()) return text("stage.unfit");
  if (answer?.record.code === "crashed" && !pixels) return text("stage.crashed");
  if (answer?.record.code === "too small") return text("stage.small");
  if (answer && !answer.picture && !unfit()) return text("stage.blank");
  if (!pixels) return thumb ? text("stage.again") : "";
  if (answer?.record.code === "no cells" && !drawn) return text("stage.nocells");
  if (drawn && (view === "outline" || view === "alone") && marked(state).pro.length === 0) return text("regions.for.none", { class: text(`short.${drawnClass()}`) });
  return "";
}

/** What is said of the region that is pointed at. */
function regionCaption() {
  const { drawn, hovered, pinned } = state;
  const region = drawn?.regions.find(({ superpixel }) => superpixel === (hovered ?? pinned));
  if (!drawn || !region) return null;
  const { pro, contra } = marked(state);
  const mark = [...pro, ...contra].find(({ superpixel }) => superpixel === region.superpixel)?.mark ?? "";
  return text(isByCells(drawn) ? "caption.cell" : "caption.region", { mark, kind: text(`kind.${drawn.by}`), class: text(`short.${drawnClass()}`), weight: weight(region.weight), area: text("regions.area", { percent: share(region.share) }), nucleus: region.nucleus ? text("caption.nucleus") : "" })
    .replace(" :", ":");
}

/** @param {Row} row */
function caption(row) {
  if (!row.answer?.picture) return "";
  const { format, width, height } = row.answer.picture;
  const size = { width: count(width), height: count(height) };
  return [format ? text("caption.format", { ...size, format }) : text("caption", size), fieldWords(row)].filter(Boolean).join(" · ");
}

/** The veil that was made last. @type {{ labels: Uint16Array | null, region: number | null, pixels: Pixels | null }} */
let veiled = { labels: null, region: null, pixels: null };

/** A veil over everything but one region, with a line around it. @param {Uint16Array} labels @param {number | null} region */
function veil(labels, region) {
  if (region === null) return null;
  if (veiled.labels === labels && veiled.region === region) return veiled.pixels;
  const pixels = new Uint8ClampedArray(4 * side * side);
  for (let i = 0; i < labels.length; i++) {
    const inside = labels[i] === region;
    const x = i % side;
    const edge = inside && ((x > 0 && labels[i - 1] !== region) || (x < side - 1 && labels[i + 1] !== region) || labels[i - side] !== region || labels[i + side] !== region);
    if (edge) pixels.set([255, 214, 0, 255], 4 * i);
    else if (!inside) pixels.set([0, 0, 0, 140], 4 * i);
  }
  veiled = { labels, region, pixels };
  return pixels;
}

const inset = make("canvas", { id: "inset", width: side, height: side, "data-testid": "inset", "aria-hidden": "true" });

/**
 * Draws the picture once more, small, beside the row of the region that is marked, where the
 * picture itself is out of sight.
 */
export function viewInset() {
  const button = state.inset && state.drawn && state.pinned !== null ? document.querySelector(`.region[data-region="${state.pinned}"]`) : null;
  if (!button) return inset.remove();
  const above = state.inset === "above";
  if (inset[above ? "nextElementSibling" : "previousElementSibling"] !== button) button[above ? "before" : "after"](inset);
  const context = contextOf(inset);
  context.clearRect(0, 0, side, side);
  for (const id of /** @type {const} */ (["picture-canvas", "cells-canvas", "layer-canvas", "highlight-canvas"])) {
    context.globalAlpha = Number(getComputedStyle($(id)).opacity);
    context.drawImage($(id), 0, 0, side, side);
  }
}

/** Makes the switch between the ways of drawing. */
export function makeViews() {
  $("views").append(...views.map((name) => make("label", {},
    make("input", { type: "radio", name: "view", value: name }), make("span", {}, text(`view.${name}`)))));
}
