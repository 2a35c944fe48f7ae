// Where the element that has the focus is hidden or switched off, the browser would
// leave the focus nowhere, at the top of the page: it is given to what came instead.

import { $, lost } from "./dom.js";

/** What has the focus before the views are drawn. @type {Element | null} */
let focused = null;

/** What had it before the error box. @type {EventTarget | null} */
let interrupted = null;

/** What it belongs to after what is being made. @type {() => HTMLElement | null} */
let home = () => null;

/** What it was given to last where it was left nowhere. @type {Element | null} */
let mended = null;

/** Says where the focus belongs once what is being made is done. @param {() => HTMLElement | null} after */
export function restFocusAt(after) {
  home = after;
}

/** To be called before the views are drawn. */
export function rememberFocus() {
  focused = document.activeElement;
}

/** To be called after they were. */
export function mendFocus() {
  if (!focused || focused === document.body || !lost(focused)) return;
  const places = [focused === $("error-close") ? interrupted : null, $("cancel"), home(), ...["case-cancel", "overview-heading", "undo", "trust-heading", "explain", "result-heading", "file-input"].map($)];
  const place = places.find((each) => each instanceof HTMLElement && each !== document.body && !lost(each));
  if (place instanceof HTMLElement) place.focus({ preventScroll: true });
  mended = document.activeElement;
}

/** Takes down what has the focus and is about to be switched off for a while. The function that it gives brings the focus back there, unless the reader has taken it elsewhere. */
export function holdFocus() {
  const held = document.activeElement;
  return () => soon(() => {
    if (held instanceof HTMLElement && document.activeElement === mended && !lost(held)) held.focus({ preventScroll: true });
  });
}

export function wireFocus() {
  $("error-close").addEventListener("focus", ({ relatedTarget }) => { interrupted = relatedTarget; });
}

/** Does something after the views have been drawn. @param {() => void} action */
export function soon(action) {
  setTimeout(action);
}
