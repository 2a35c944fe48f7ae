// Pointing at the picture as it was given: by mouse, finger or pen, by the arrow keys, and by
// numbers.

import { say } from "./announcer.js";
import { acrossRedCell, fieldAt, groundAt, helpFor, partBetween } from "./choices.js";
import { $ } from "./dom.js";
import { chooseField, tell, tellAll, untell } from "./selection.js";
import { notify, selectedRow, state, update } from "./state.js";
import { text } from "./text.js";
import { useTool } from "./view-ready.js";

/** @import {Place} from "./choices.js" */
/** @import {Tool} from "./types" */

/** The size of the selected picture as it was given. */
function picture() {
  return selectedRow()?.answer?.picture ?? null;
}

/** The place on the picture that an event is about. @param {PointerEvent | MouseEvent} event @returns {Place | null} */
function placeOf({ clientX, clientY }) {
  const size = picture();
  const box = $("original-stage").getBoundingClientRect();
  if (!size || box.width === 0) return null;
  const within = (/** @type {number} */ part, /** @type {number} */ most) => Math.min(Math.max(part * most, 0), most);
  return [within((clientX - box.left) / box.width, size.width), within((clientY - box.top) / box.height, size.height)];
}

/** Does what the tool is for with a place, or with what was drawn to it. @param {Place | null} from @param {Place} to */
function use(from, to) {
  const size = picture();
  const { tool, original } = state;
  if (!size) return;
  if (tool === "ground" && original) return tell({ ground: groundAt(original, to, size), keepLight: false });
  if (!from) return;
  const choice = tool === "measure" ? acrossRedCell(from, to) : part(from, to, size);
  update({ stroke: null });
  if (choice) tell(choice);
  else notify(text(`told.short.${tool}`));
}

/** @param {Place} from @param {Place} to @param {{ width: number, height: number }} size */
function part(from, to, size) {
  const crop = partBetween(from, to, size);
  return crop && { crop };
}

/** The pointer that draws. @type {number | null} */
let drawing = null;

/** @param {PointerEvent} event */
function down(event) {
  const place = placeOf(event);
  if (!place || state.tool === "look" || event.button !== 0) return;
  event.preventDefault();
  $("original-stage").focus({ preventScroll: true });
  $("original-stage").setPointerCapture(event.pointerId);
  drawing = event.pointerId;
  update({ stroke: { from: state.tool === "ground" ? null : place, to: place } });
}

/** @param {PointerEvent} event */
function move(event) {
  const place = placeOf(event);
  if (event.pointerId === drawing && place && state.stroke) update({ stroke: { ...state.stroke, to: place } });
}

/** @param {PointerEvent} event */
function up(event) {
  if (event.pointerId !== drawing) return;
  drawing = null;
  const place = placeOf(event);
  if (place && state.stroke) use(state.stroke.from, place);
}

/** What the arrow keys add to a place, in hundredths of the picture. @type {Record<string, Place>} */
export const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** Arrow keys move a cross, finely with Shift; Enter uses the place, or sets one end and then the other. @param {KeyboardEvent} event */
function key(event) {
  const size = picture();
  if (!size || state.tool === "look" || event.ctrlKey || event.metaKey || event.altKey) return;
  const { from = null, to = /** @type {Place} */ ([size.width / 2, size.height / 2]) } = state.stroke ?? {};
  const step = arrows[event.key];
  if (step) {
    const by = event.shiftKey ? 1 : Math.max(size.width, size.height) / 100;
    const at = (/** @type {0 | 1} */ axis, /** @type {number} */ most) => Math.min(Math.max(to[axis] + step[axis] * by, 0), most);
    update({ stroke: { from, to: [at(0, size.width), at(1, size.height)] } });
  } else if (event.key === "Enter" || event.key === " ") {
    if (from || state.tool === "ground") use(from, to);
    else {
      update({ stroke: { from: to, to } });
      say(text("told.first"), "told");
    }
  } else if (event.key === "Escape") {
    update({ tool: "look", stroke: null });
  } else return;
  event.preventDefault();
}

/** What is typed into the number fields. @param {SubmitEvent} event */
function typed(event) {
  event.preventDefault();
  $("original-stage").focus({ preventScroll: true }); // the fields go once they are used
  if (state.tool === "measure") return tell({ diameter: $("told-diameter").valueAsNumber, keepSize: false });
  const size = picture();
  if (!size) return;
  const [x, y, width, height] = /** @type {const} */ (["told-x", "told-y", "told-width", "told-height"]).map((id) => $(id).valueAsNumber);
  const crop = partBetween([x, y], [x + width, y + height], size);
  if (crop) tell({ crop });
  else notify(text("told.short.part"));
}

export function wireOriginal() {
  const stage = $("original-stage");
  stage.addEventListener("pointerdown", down);
  stage.addEventListener("pointermove", move);
  stage.addEventListener("pointerup", up);
  stage.addEventListener("pointercancel", () => {
    drawing = null;
    update({ stroke: null });
  });
  stage.addEventListener("click", (event) => {
    const place = placeOf(event);
    const { fields = [] } = selectedRow()?.answer?.record.standardised ?? {};
    const field = place && state.tool === "look" ? fieldAt(fields, place) : -1;
    if (field >= 0 && fields.length > 1) chooseField(field);
  });
  stage.addEventListener("keydown", key);
  $("tools").addEventListener("change", ({ target }) => {
    if (target instanceof HTMLInputElement) update({ tool: /** @type {Tool} */ (target.value), stroke: null });
  });
  $("zoom").addEventListener("change", () => update({ zoom: Number($("zoom").value) }));
  $("told-form").addEventListener("submit", typed);
  $("told-reset").addEventListener("click", untell);
  $("told-all").addEventListener("click", tellAll);
  $("help-tool").addEventListener("click", () => {
    const tool = helpFor(selectedRow()?.answer?.record.code);
    if (tool) useTool(tool);
  });
}
