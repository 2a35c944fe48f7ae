// The page: starts the program and connects what can be pressed with what it does. State is
// in state.js, views are functions of it; what can be done now is in commands.js.

import { closeSaved, followSaved, followSummary, receive } from "./case.js";
import { hasUnsaved } from "./commands.js";
import { $ } from "./dom.js";
import { followDraft } from "./draft.js";
import { mendFocus, rememberFocus, wireFocus } from "./focus.js";
import { listen } from "./intake.js";
import { askSecond, cancel, explain, showClass, showWeights } from "./explaining.js";
import { start } from "./jobs.js";
import { viewKeep, wireKeep } from "./keep.js";
import { followLab, giveCases } from "./lab.js";
import { wireKeys } from "./keys.js";
import { viewLab, wireLab } from "./view-lab.js";
import { viewLive, wireLive } from "./live.js";
import { wireMagnifier } from "./magnifier.js";
import { wireOriginal } from "./original.js";
import { wireRegions } from "./regions.js";
import { choose, clear, closeNote, filter, take, undo, useNetwork } from "./selection.js";
import { wireSettings } from "./settings.js";
import { notify, onChange, state, update } from "./state.js";
import { viewTest, wireTest } from "./teaching.js";
import { text } from "./text.js";
import { viewCase, wireCase } from "./view-case.js";
import { viewCells, wireCells } from "./view-cells.js";
import { viewDecision, wireDecision } from "./view-decision.js";
import { viewExplanation } from "./view-explanation.js";
import { viewMagnifier } from "./view-magnifier.js";
import { viewNetworks } from "./view-networks.js";
import { makeViews, viewPicture } from "./view-picture.js";
import { viewReady } from "./view-ready.js";
import { viewResult } from "./view-result.js";
import { viewEngine, viewRows } from "./view-rows.js";
import { makeWeighings, viewSecond } from "./view-second.js";
import { viewTable, wireTable } from "./view-table.js";
import { viewTested } from "./view-tested.js";

/** @import {ClassName} from "./messages" */
/** @import {View, Weighing} from "./types" */

/** Listens to a group of radio buttons. @template {string} Value @param {string} id @param {(value: Value) => void} use */
function onChoice(id, use) {
  $(id).addEventListener("change", ({ target }) => {
    if (target instanceof HTMLInputElement) use(/** @type {Value} */ (target.value));
  });
}

/** The example that an event is about. @param {Event} event */
function exampleOf({ target }) {
  return target instanceof Element ? /** @type {HTMLElement | null} */ (target.closest("[data-example]")) : null;
}

function wire() {
  makeViews();
  makeWeighings();
  listen({
    take: receive,
    takeTaught: giveCases,
    takePixels: ({ data, width, height }) => take([{ name: text("intake.pasted"), source: { pasted: new Blob([/** @type {import("./messages").Pixels} */ (data)]), width, height } }]),
    nothing: () => notify(text("error.nopicture")),
  });
  $("examples").addEventListener("click", (event) => {
    const button = exampleOf(event);
    if (button) take([{ name: button.textContent, source: { example: button.dataset.example } }]);
  });
  for (const event of ["pointerover", "focusin"]) $("examples").addEventListener(event, (each) => update({ example: exampleOf(each)?.dataset.example ?? null }));
  for (const event of ["pointerleave", "focusout"]) $("examples").addEventListener(event, () => update({ example: null }));
  onChoice("networks", useNetwork);
  onChoice("views", (/** @type {View} */ view) => update({ view }));
  onChoice("classes", (/** @type {ClassName} */ name) => showClass(name));
  onChoice("weights-by", (/** @type {Weighing} */ by) => showWeights(by));
  $("opacity").addEventListener("input", () => update({ opacity: { ...state.opacity, [state.view]: $("opacity").valueAsNumber / 100 } }));
  for (const [id, act] of /** @type {[string, () => void][]} */ ([
    ["only", filter], ["clear", clear], ["undo", undo], ["saved-close", closeSaved], ["note-close", closeNote], ["error-close", () => update({ notice: "" })],
    ["explain", explain], ["ask-second", askSecond], ["cancel", () => cancel()], ["regions-more", () => update({ allRegions: !state.allRegions })],
  ])) $(id).addEventListener("click", () => act());
  $("how-far").addEventListener("click", openCard);
  wireFocus();
  wireCase();
  wireDecision();
  wireKeep();
  wireLab();
  wireKeys();
  wireLive();
  wireCells();
  wireMagnifier();
  wireOriginal();
  wireRegions();
  wireSettings();
  wireTable();
  wireTest();
  addEventListener("beforeunload", (event) => hasUnsaved(state) && event.preventDefault());

  onChange(rememberFocus);
  onChange(viewEngine);
  onChange(viewNetworks);
  onChange((now) => viewRows(now, choose));
  onChange(viewResult);
  onChange(viewReady);
  onChange(viewPicture);
  onChange(viewMagnifier);
  onChange(viewExplanation);
  onChange(viewCells);
  onChange(viewTested);
  onChange(viewSecond);
  onChange(viewKeep);
  onChange(viewDecision);
  onChange(viewCase);
  onChange(viewLab);
  onChange(viewTable);
  onChange(viewTest);
  onChange(viewLive);
  onChange(mendFocus);
  onChange(followDraft);
  onChange(followLab);
  onChange(followSummary);
  onChange(followSaved);
  update({});
}

/** Opens the card of the network that is asked, and goes there. @param {Event} event */
function openCard(event) {
  // Following the link would take the focus away again, in Firefox.
  event.preventDefault();
  const card = /** @type {HTMLDetailsElement} */ ($(`card-${state.network}`));
  card.open = true;
  /** @type {HTMLElement} */ (card.firstElementChild).focus();
}

wire();
start();
