// Single keys, unless they are meant for a field or switched off. Escape always cancels.

import { canCancel, canChoose } from "./commands.js";
import { $ } from "./dom.js";
import { askSecond, cancel, explain, showClass, showView, showWeights } from "./explaining.js";
import { resizeMagnifier, toggleMagnifier } from "./magnifier.js";
import { step } from "./selection.js";
import { classes, state, views, weighings } from "./state.js";

/** The one after another, round and round. @template T @param {T[]} all @param {T} one */
function following(all, one) {
  return all[(all.indexOf(one) + 1) % all.length];
}

/** @type {Record<string, () => void>} */
const actions = {
  o: () => canChoose(state) && $("file-input").click(),
  e: explain,
  s: askSecond,
  w: () => showWeights(following(weighings, state.by)),
  v: () => showView(following(views, state.view)),
  m: toggleMagnifier,
  "+": () => resizeMagnifier(1),
  "=": () => resizeMagnifier(1),
  "-": () => resizeMagnifier(-1),
  n: () => step(1),
  p: () => step(-1),
  ...Object.fromEntries(classes.map((name, i) => [String(i + 1), () => showClass(name)])),
};

/** @param {KeyboardEvent} event */
function shortcut(event) {
  if (event.key === "Escape") return canCancel(state) ? cancel() : state.magnifier && toggleMagnifier();
  const field = event.target instanceof Element && event.target.closest("input:not([type=radio], [type=checkbox], [type=range], [type=file]), select, textarea");
  if (field || event.ctrlKey || event.metaKey || event.altKey || !$("shortcuts").checked) return;
  const key = event.key.toLowerCase();
  if (Object.hasOwn(actions, key)) actions[key]();
}

export function wireKeys() {
  addEventListener("keydown", shortcut);
}
