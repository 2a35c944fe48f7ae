// How the selected picture was made ready: what each step did, with a switch to leave it out
// and the control for who knows better; the picture as it was given, with its fields.

import { helpFor, isWhole } from "./choices.js";
import { $, childrenOf, find, inputs, list, make, mark, setText, show } from "./dom.js";
import { chooseField, shareable, tell } from "./selection.js";
import { isVeiled, readsCells, selectedRow, side, state, update } from "./state.js";
import { count, percent, text } from "./text.js";

/** @import {Choices, ClassName, FieldRecord, Part, Standardised, Step} from "./messages" */
/** @import {Row, Tool} from "./types" */

/** What can be done with the picture as it was given. @type {Tool[]} */
const tools = ["look", "measure", "ground", "part"];

/** The control of a step, and the choice that leaves it out. @type {Partial<Record<Step["name"], { tool?: Exclude<Tool, "look">, keep?: "keepSize" | "keepLight" | "keepStain" }>>} */
const controls = {
  crop: { tool: "part" },
  magnification: { tool: "measure", keep: "keepSize" },
  light: { tool: "ground", keep: "keepLight" },
  stain: { keep: "keepStain" },
};

/** The row whose original was opened or closed last. @type {Row | undefined} */
let shown;

/** Draws all of it. */
export function viewReady() {
  const row = selectedRow();
  const ready = row?.answer?.record.standardised ?? row?.before;
  const veiled = isVeiled(row);
  show($("ready"), Boolean(row && ready) && readsCells(state.network) && !veiled);
  if (veiled) for (const id of ["ready-steps", "fields", "fields-joined"]) $(id).replaceChildren(); // they tell what was found and read
  if (!row || !ready || veiled) return;
  $("ready").toggleAttribute("data-again", !row.answer);
  $("ready").setAttribute("aria-busy", String(!row.answer));
  viewSteps(row, ready);
  const { choices } = row;
  show($("told-reset"), choices !== null);
  const many = state.rows.length > 1 && Object.keys(shareable(choices)).length > 0;
  show($("told-all"), many);
  show($("told-hint"), many);
  setText($("told-all"), text("told.all", { total: count(state.rows.length) }));
  if (row !== shown && row.answer) {
    $("original-box").open = ready.fields.length > 1 || helpFor(row.answer.record.code) !== null;
    shown = row;
  }
  if (state.tool !== "look") $("original-box").open = true;
  viewTools();
  viewOriginal(row, ready);
  viewFields(row, ready);
}

/** Shows the control that a step or a reason calls for, and goes there. @param {Tool} tool */
export function useTool(tool) {
  update({ tool, stroke: null });
  queueMicrotask(() => {
    $("original-stage").scrollIntoView({ block: "nearest" });
    $("original-stage").focus({ preventScroll: true });
  });
}

/** The steps as they are shown: that a part may be read is always among them. @param {Row} row @param {Standardised} ready @returns {Step[]} */
function stepsOf(row, { steps }) {
  const { crop } = row.choices ?? {};
  const picture = row.answer?.picture;
  const whole = Boolean(crop && picture && isWhole(crop, picture));
  const [first] = steps;
  if (first?.name !== "crop") return [{ name: "crop", changed: false, told: false, sentence: text("ready.crop") }, ...steps];
  return whole ? [{ ...first, sentence: text("ready.crop.whole") }, ...steps.slice(1)] : steps;
}

/** @param {Row} row @param {Standardised} ready */
function viewSteps(row, ready) {
  const choices = row.choices ?? {};
  const cropped = ready.steps[0]?.name === "crop";
  list($("ready-steps"), stepsOf(row, ready), ({ name }) => name,
    ({ name }) => {
      const { tool, keep } = controls[name] ?? {};
      const box = make("input", { type: "checkbox", "data-keep": name });
      box.addEventListener("change", () => leaveOut(name, box.checked));
      const button = make("button", { type: "button", className: "quiet", "data-tool": tool ?? "" }, tool ? text(`tool.${tool}`) : "");
      button.addEventListener("click", () => tool && useTool(tool));
      return make("li", { "data-step": name },
        make("p", {}, make("span"), make("span", { className: "told" }, text("ready.told"))),
        make("div", { className: "step-controls" }, make("label", { className: "check", hidden: !keep && name !== "crop" }, box, make("span", {}, text(`ready.keep.${name === "crop" ? "crop" : "step"}`))), ...(tool ? [button] : [])));
    },
    (item, { name, sentence, told, changed }) => {
      item.toggleAttribute("data-told", told);
      item.dataset.changed = String(changed);
      const [words, tag] = childrenOf(find(item, "p"));
      setText(words, sentence);
      show(tag, told);
      if (!controls[name]) return;
      const [box] = inputs(item);
      box.checked = isLeftOut(row, name);
      if (name === "crop") show(find(item, "label"), cropped);
      show(find(item, ".step-controls"), name !== "stain" || ready.cells > 0 || Boolean(choices.keepStain));
    });
}

/** Whether a step is left out, by choice. @param {Row} row @param {Step["name"]} name */
function isLeftOut({ choices, answer }, name) {
  const { keep } = controls[name] ?? {};
  if (keep) return Boolean(choices?.[keep]);
  return Boolean(choices?.crop && answer?.picture && isWhole(choices.crop, answer.picture));
}

/** @param {Step["name"]} name @param {boolean} out */
function leaveOut(name, out) {
  const picture = selectedRow()?.answer?.picture;
  const { keep } = controls[name] ?? {};
  if (keep) return tell({ [keep]: out });
  if (picture) tell({ crop: out ? { x: 0, y: 0, width: picture.width, height: picture.height } : undefined });
}

function viewTools() {
  const { tool, zoom } = state;
  list($("tools"), ["legend", ...tools], (name) => name,
    (name) => make("label", {}, make("input", { type: "radio", name: "tool", value: name }), make("span", {}, text(`tool.short.${name}`))),
    (item, name) => { for (const input of inputs(item)) input.checked = name === tool; });
  $("zoom").value = String(zoom);
  show($("told-form"), tool === "measure" || tool === "part");
  show($("told-diameter-field"), tool === "measure");
  show($("told-part-fields"), tool === "part");
  for (const id of /** @type {const} */ (["told-x", "told-y", "told-width", "told-height"])) $(id).disabled = tool !== "part";
  $("told-diameter").disabled = tool !== "measure";
}

/** What the canvas of the original shows. @type {object | null} */
let painted = null;

/** @param {Row} row @param {Standardised} ready */
function viewOriginal(row, ready) {
  const { original, tool, zoom, stroke } = state;
  const picture = row.answer?.picture;
  const many = ready.fields.length > 1;
  setText($("tool-hint"), text(tool === "look" ? (many ? "hint.look" : "hint.look.one") : `hint.${tool}`));
  const stage = $("original-stage");
  stage.dataset.tool = tool;
  stage.style.setProperty("width", `${100 * zoom}%`);
  stage.setAttribute("aria-label", text("original.label", { fields: count(ready.fields.length) }));
  if (original && painted !== original) {
    const canvas = $("original-canvas");
    [canvas.width, canvas.height] = [original.width, original.height];
    /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d")).putImageData(new ImageData(original.pixels, original.width, original.height), 0, 0);
    painted = original;
  }
  stage.toggleAttribute("data-blank", !original);
  if (!picture) return;
  viewNumbers(row, picture);
  const marks = $("original-marks");
  marks.setAttribute("viewBox", `0 0 ${picture.width} ${picture.height}`);
  const size = Math.max(picture.width, picture.height) / 28 / Math.sqrt(zoom);
  /** @type {Element[]} */
  const drawn = [];
  if (many || ready.fields.some((field) => !isWhole(field, picture))) {
    const current = row.answer?.field ?? -1;
    for (const [i, field] of ready.fields.entries()) if (i !== current) drawn.push(...framed("field", field));
    if (ready.fields[current]) drawn.push(...framed("field", ready.fields[current], true)); // above the others
    if (many) drawn.push(...ready.fields.map((field, i) => written(field, size, String(i + 1))));
  }
  const { crop, diameter } = row.choices ?? {};
  if (crop && !isWhole(crop, picture)) drawn.push(...framed("part", crop));
  if (stroke) drawn.push(...stroked(tool, stroke, size / 2));
  else if (diameter && tool === "measure") drawn.push(...twice("line", { class: "line", x1: size / 2, x2: size / 2 + diameter, y1: size / 2, y2: size / 2 }));
  marks.replaceChildren(...drawn);
}

/** A shape that can be seen on any picture: light upon dark. @param {"rect" | "line" | "circle" | "path"} name @param {{ class: string } & Record<string, unknown>} attributes */
function twice(name, attributes) {
  return [mark(name, { ...attributes, class: `${attributes.class} under` }), mark(name, attributes)];
}

/** @param {string} kind @param {Part} part @param {boolean} [current] */
function framed(kind, { x, y, width, height }, current = false) {
  return twice("rect", { class: `${kind}${current ? " current" : ""}`, x, y, width, height });
}

/** @param {FieldRecord} field @param {number} size @param {string} number */
function written({ x, y }, size, number) {
  const words = mark("text", { x: x + size / 3, y: y + size * 1.1, "font-size": size });
  words.textContent = number;
  return words;
}

/** What is being drawn, or where the arrow keys point. @param {Tool} tool @param {NonNullable<import("./types").State["stroke"]>} stroke @param {number} size */
function stroked(tool, { from, to }, size) {
  const [x, y] = to;
  const cross = twice("path", { class: "line", d: `M${x - size} ${y}H${x + size}M${x} ${y - size}V${y + size}` });
  if (!from) return cross;
  if (tool !== "part") return twice("line", { class: "line", x1: from[0], y1: from[1], x2: x, y2: y });
  return framed("part", { x: Math.min(from[0], x), y: Math.min(from[1], y), width: Math.abs(from[0] - x), height: Math.abs(from[1] - y) });
}

/** Writes what holds now into the number fields, but for the one that is being typed in. @param {Row} row @param {{ width: number, height: number }} picture */
function viewNumbers(row, picture) {
  const { crop, diameter } = row.choices ?? {};
  const measured = row.answer?.record.standardised?.diameter;
  const part = crop ?? { x: 0, y: 0, ...picture };
  /** @type {[("told-diameter" | "told-x" | "told-y" | "told-width" | "told-height"), string, number?][]} */
  const numbers = [
    ["told-diameter", diameter || measured ? String(diameter ?? Math.round(10 * (measured ?? 0)) / 10) : ""],
    ["told-x", String(part.x), picture.width - 8], ["told-y", String(part.y), picture.height - 8],
    ["told-width", String(part.width), picture.width], ["told-height", String(part.height), picture.height],
  ];
  const key = JSON.stringify([row.id, numbers]);
  if (key === numbered) return; // what was typed since stays
  numbered = key;
  for (const [id, value, most] of numbers) {
    const input = $(id);
    if (most !== undefined) input.max = String(Math.max(Number(input.min), most));
    input.value = value;
  }
}

/** What the number fields were filled with last. */
let numbered = "";

/** The overview of the fields: how many cells each holds and what it reads as. @param {Row} row @param {Standardised} ready */
function viewFields(row, { fields, leftOut }) {
  show($("fields-box"), fields.length > 1);
  setText($("fields-heading"), text("fields.heading", { count: count(fields.length) }));
  const left = leftOut > 0 ? text("fields.left", { left: count(leftOut), most: count(fields.length) }) : "";
  setText($("fields-joined"), [text(row.answer?.record.abstained ? "fields.refused" : "fields.joined"), left].filter(Boolean).join(" "));
  const shown = fields.length > 1 ? fields.map((field, i) => ({ ...field, i })) : [];
  list($("fields"), shown, ({ i }) => i,
    ({ i }) => {
      const button = make("button", { type: "button", className: "field-row", "data-field": i },
        make("span", { className: "mark" }, text("fields.field", { number: count(i + 1) })), make("span"), make("span"), make("span"));
      button.addEventListener("click", () => chooseField(i));
      return make("li", {}, button);
    },
    (item, { i, cells, weight, probabilities }) => {
      const button = find(item, "button");
      const [, found, reading, part] = childrenOf(button);
      button.setAttribute("aria-current", String(i === row.answer?.field));
      button.dataset.cells = String(cells);
      setText(found, text(cells === 0 ? "fields.cells.none" : cells === 1 ? "fields.cells.one" : "fields.cells", { count: count(cells) }));
      const best = probabilities && /** @type {[ClassName, number][]} */ (Object.entries(probabilities)).reduce((a, b) => (b[1] > a[1] ? b : a));
      button.dataset.reading = best ? best[0] : "";
      setText(reading, best ? text("fields.reading", { class: text(`short.${best[0]}`), percent: percent(best[1]) }) : "");
      setText(part, probabilities ? text("fields.part", { percent: percent(weight) }) : "");
    });
}

/** The field that is shown, in words; "" where there is but one. @param {Row} row */
export function fieldWords({ answer }) {
  const fields = answer?.record.standardised?.fields.length ?? 0;
  return fields > 1 && typeof answer?.field === "number" ? text("fields.shown", { number: count(answer.field + 1), fields: count(fields), side }) : "";
}
