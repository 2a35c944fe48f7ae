// A region is shown while the pointer or the focus is on its row, or the pointer on the
// picture; pressing keeps it marked.

import { $ } from "./dom.js";
import { magnifyRegion } from "./magnifier.js";
import { noCell, side, state, update } from "./state.js";

/** The region of a row. @param {Event} event */
function regionOf({ target }) {
  const button = target instanceof Element ? /** @type {HTMLElement | null} */ (target.closest("[data-region]")) : null;
  return button ? Number(button.dataset.region) : null;
}

/** The region of a place on the picture. @param {PointerEvent | MouseEvent} event */
function regionAt({ clientX, clientY }) {
  const box = $("stage").getBoundingClientRect();
  const [x, y] = [(clientX - box.left) / box.width, (clientY - box.top) / box.height].map((part) => Math.floor(part * side));
  if (!state.drawn || state.view === "picture" || x < 0 || y < 0 || x >= side || y >= side) return null;
  const region = state.drawn.explanation.labels[y * side + x];
  return region === noCell ? null : region;
}

/** @param {number | null} hovered */
function hover(hovered) {
  if (hovered !== state.hovered) update({ hovered });
}

/** Keeps a region marked, or no longer. @param {number} region */
function pin(region) {
  update({ pinned: state.pinned === region ? null : region, inset: null });
}

/** Whether at least half of the picture is on the screen. */
function isInSight() {
  const { top, bottom, height } = $("stage").getBoundingClientRect();
  return Math.min(bottom, innerHeight) - Math.max(top, 0) >= height / 2;
}

/** On which side of a row the picture is shown once more: above where only there is room for it. @param {DOMRect} row */
function sideOf({ top, bottom }) {
  const height = 15 * Number.parseFloat(getComputedStyle(document.documentElement).fontSize); // as in style.css, with its margins
  return innerHeight - bottom < height && top >= height ? "above" : "below";
}

/**
 * Keeps the region marked whose row was pressed. On a phone, or with large text, the picture
 * may be out of sight above: it is then shown once more, small, beside the row, and the page
 * stays where it is, whatever was shown beside another row before.
 * @param {number} region
 */
function pinFromRow(region) {
  const button = /** @type {HTMLElement} */ (document.querySelector(`[data-region="${region}"]`));
  const box = button.getBoundingClientRect();
  // Some browsers keep in place what is read, where something above it changes: not twice.
  const { style } = document.documentElement;
  style.setProperty("overflow-anchor", "none");
  pin(region);
  magnifyRegion();
  update({ inset: isInSight() ? null : sideOf(box) });
  queueMicrotask(() => { // after the views have been drawn, and before they are seen
    const moved = button.isConnected ? button.getBoundingClientRect().top - box.top : 0;
    if (moved !== 0) scrollBy({ top: moved, behavior: "instant" });
    requestAnimationFrame(() => requestAnimationFrame(() => style.removeProperty("overflow-anchor")));
  });
}

export function wireRegions() {
  $("regions").addEventListener("pointerover", (event) => hover(regionOf(event)));
  $("regions").addEventListener("pointerleave", () => hover(null));
  $("regions").addEventListener("focusin", (event) => hover(regionOf(event)));
  $("regions").addEventListener("focusout", () => hover(null));
  $("regions").addEventListener("click", (event) => {
    const region = regionOf(event);
    if (region !== null) pinFromRow(region);
  });
  $("stage").addEventListener("pointermove", (event) => event.pointerType === "mouse" && hover(state.magnifier ? null : regionAt(event)));
  $("stage").addEventListener("pointerleave", () => hover(null));
  $("stage").addEventListener("click", (event) => {
    const region = regionAt(event);
    if (region !== null) pin(region);
  });
}
