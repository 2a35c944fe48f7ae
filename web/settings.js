// The settings of the next explanation and second opinion, from their fields.

import { $ } from "./dom.js";
import { redraw } from "./explaining.js";
import { numberSettings, state, update } from "./state.js";

/** @import {Settings} from "./messages" */

/** Takes what the fields hold. What cannot be used stays in its field, and what it was before stays set. */
function changeSettings() {
  if (!state.settings) return;
  const fields = numberSettings.map((name) => ({ name, input: $(`set-${name}`) }));
  const isUsable = (/** @type {HTMLInputElement} */ input) => input.value !== "" && input.checkValidity();
  const invalid = fields.filter(({ input }) => !isUsable(input)).map(({ name }) => name);
  const { permutations = state.permutations, ...usable } = Object.fromEntries(fields.filter(({ input }) => isUsable(input)).map(({ name, input }) => [name, input.valueAsNumber]));
  const before = state.settings.features;
  const hide = /** @type {Settings["hide"]} */ ($("set-hide").value);
  const target = /** @type {Settings["target"]} */ ($("set-target").value);
  const settings = { ...state.settings, hide, target, ...usable };
  update({ invalid, settings, permutations });
  if (settings.features !== before) redraw();
}

/** Takes the settings of a preset; it does not set the number of orders. */
function usePreset() {
  const preset = state.presets.find(({ name }) => name === $("preset").value);
  if (!preset) return;
  update({ settings: preset.settings, invalid: state.invalid.filter((name) => name === "permutations") });
  redraw();
}

export function wireSettings() {
  $("preset").addEventListener("change", usePreset);
  for (const name of ["hide", "target", ...numberSettings]) $(`set-${name}`).addEventListener("input", changeSettings);
  $("at-once").addEventListener("change", () => update({ atOnce: $("at-once").checked }));
  $("settings-form").addEventListener("submit", (event) => event.preventDefault());
}
