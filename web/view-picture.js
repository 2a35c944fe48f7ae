// The picture with what is drawn over it.

import { $, list, make, setText, show } from "./dom.js";
import { greyed, places } from "./marks.js";
import { drawnClass, selectedRow, side, state, unfit, views } from "./state.js";
import { count, isolated, share, text, weight, wholePercent } from "./text.js";

/** The regions that are drawn, with the mark of each: 1, 2, 3 … for, A, B, C … against. */
export function marked({ drawn, allRegions }) {
  if (!drawn) return { pro: [], contra: [] };
  const most = allRegions ? Infinity : drawn.features;
  const pro = drawn.regions.filter((region) => region.weight > 0).slice(0, most);
  const contra = drawn.regions.filter((region) => region.weight < 0).slice(0, most);
  return {
    pro: pro.map((region, i) => ({ ...region, mark: String(i + 1) })),
    contra: contra.map((region, i) => ({ ...region, mark: letters(i) })),
  };
}

/** The marked regions whose marks are drawn on the picture, with the place of each mark. */
export function numbered(now) {
  if (!now.drawn || now.view === "picture" || !now.pixels) return [];
  const { pro, contra } = marked(now);
  const all = now.view === "heat" ? [...pro, ...contra] : pro;
  const { drawn, pixels } = now;
  const key = all.map(({ superpixel }) => superpixel).join();
  if (placed.drawn !== drawn || placed.pixels !== pixels || placed.key !== key) placed = { drawn, pixels, key, places: places(pixels, selectedRow().explanation.labels, all, side) };
  return all.map((region, i) => ({ ...region, ...placed.places[i] }));
}

let placed = {}; // the places of the marks that were drawn last

/** A, B … Z, AA, AB … */
function letters(i) {
  return (i >= 26 ? letters(Math.floor(i / 26) - 1) : "") + String.fromCharCode(65 + (i % 26));
}

const shown = {}; // what each canvas shows, so that it is drawn only when that changes

/** Shows a square of pixels, of whatever size: outlines are finer than the picture. */
function paint(id, pixels) {
  if (shown[id] === pixels) return;
  shown[id] = pixels;
  const canvas = $(id);
  const size = pixels ? Math.sqrt(pixels.length / 4) : side;
  if (canvas.width !== size) canvas.width = canvas.height = size;
  const context = canvas.getContext("2d");
  if (pixels) context.putImageData(new ImageData(pixels, size, size), 0, 0);
  else context.clearRect(0, 0, size, size);
}

let grey = {}; // the picture that was shown in grey last

/** The picture as it is to be seen under what is drawn: in grey under a heat map. */
function ground({ pixels, drawn, view }) {
  if (!pixels || !drawn || view !== "heat") return pixels;
  if (grey.of !== pixels) grey = { of: pixels, pixels: greyed(pixels) };
  return grey.pixels;
}

/** Draws the selected picture, its layers, numbers and scale. */
export function viewPicture() {
  const row = selectedRow();
  show($("picture"), Boolean(row));
  if (!row) return;
  const { pixels, drawn, view, opacity, hovered, pinned } = state;
  setText($("picture-name"), row.name);
  setText($("caption"), regionCaption() ?? caption(row));
  const name = isolated(row.name);
  const blank = blankOf(row);
  const unreadable = Boolean(drawn) && view !== "picture" && !drawn.readable;
  // To a screen reader the stage is one picture: all that is written on it is in its name.
  const shows = drawn && view !== "picture"
    ? text("stage.layer", { name, view: text(`view.long.${view}`), class: text(`class.${drawnClass()}`), by: text(`by.${drawn.by}`) })
    : text("stage.picture", { name });
  $("stage").setAttribute("aria-label", [blank && !pixels ? "" : shows, unreadable ? text("trust.unread") : "", blank].filter(Boolean).join(" "));
  $("stage").dataset.view = drawn ? view : "picture";
  $("stage").toggleAttribute("data-unreadable", unreadable);
  paint("picture-canvas", ground(state));
  paint("layer-canvas", drawn?.layers[view] ?? null);
  $("layer-canvas").style.setProperty("opacity", opacity[view] ?? 1);
  paint("highlight-canvas", drawn ? veil(row.explanation.labels, hovered ?? pinned) : null);

  show($("drawing"), Boolean(drawn));
  for (const input of $("views").querySelectorAll("input")) input.checked = input.value === view;
  $("opacity-row").toggleAttribute("data-off", view === "picture");
  $("opacity").disabled = view === "picture";
  $("opacity").value = Math.round(100 * (opacity[view] ?? 1));
  setText($("opacity-value"), wholePercent(opacity[view] ?? 1));

  $("numbers").style.setProperty("opacity", opacity[view] ?? 1);
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

  const limit = drawn?.legend.limit ?? 0;
  show($("scale"), Boolean(drawn) && view === "heat");
  setText($("scale-low"), weight(-limit));
  setText($("scale-high"), weight(limit));
  setText($("scale-against"), text("scale.against"));
  setText($("scale-for"), text("scale.for"));
}

/** What is written where there is nothing to see. */
function blankOf({ answer, thumb }) {
  const { pixels, drawn, view } = state;
  if (!pixels && unfit()) return text("stage.unfit");
  if (answer && !answer.picture && !unfit()) return text("stage.blank");
  if (!pixels) return thumb ? text("stage.again") : "";
  if (drawn && (view === "outline" || view === "alone") && marked(state).pro.length === 0) return text("regions.for.none", { class: text(`short.${drawnClass()}`) });
  return "";
}

/** What is said of the region that is pointed at. */
function regionCaption() {
  const { drawn, hovered, pinned } = state;
  const region = drawn?.regions.find(({ superpixel }) => superpixel === (hovered ?? pinned));
  if (!region) return null;
  const { pro, contra } = marked(state);
  const mark = [...pro, ...contra].find(({ superpixel }) => superpixel === region.superpixel)?.mark ?? "";
  return text("caption.region", { mark, kind: text(`kind.${drawn.by}`), class: text(`short.${drawnClass()}`), weight: weight(region.weight), area: text("regions.area", { percent: share(region.share) }), nucleus: region.nucleus ? text("caption.nucleus") : "" })
    .replace(" :", ":");
}

function caption({ answer }) {
  if (!answer?.picture) return "";
  const { format, width, height } = answer.picture;
  const size = { width: count(width), height: count(height) };
  return format ? text("caption.format", { ...size, format }) : text("caption", size);
}

let veiled = { labels: null, region: null, pixels: null };

/** A veil over everything but one region, with a line around it. */
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

/** Makes the switch between the ways of drawing. */
export function makeViews() {
  $("views").append(...views.map((name) => make("label", {},
    make("input", { type: "radio", name: "view", value: name }), make("span", {}, text(`view.${name}`)))));
}
