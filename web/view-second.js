// The second opinion: the offer, whether it agrees with LIME, its figures, and the
// switch between the two.

import { canAskSecond, canShowWeights, offersSecond } from "./commands.js";
import { $, inputs, list, make, setText, show } from "./dom.js";
import { sharedBy, strongest } from "./evidence.js";
import { classes, mostError, selectedRow, state, weighing, weighings } from "./state.js";
import { apart, count, fixed, number, percent, text } from "./text.js";
import { viewFigures } from "./view-explanation.js";

/** @import {Figure} from "./view-explanation.js" */
/** @import {ClassExplanation, PictureRecord, SecondOpinion, Settings} from "./messages" */

/** Draws the second opinion on the explanation that is shown. */
export function viewSecond() {
  const { drawn, progress, permutations } = state;
  const answer = selectedRow()?.answer;
  if (!drawn || !answer) return;
  const { explanation: { value, second, lost } } = drawn;
  const asked = progress?.job === "shapley";
  const made = second?.shapley.settings.permutations;
  const changed = Boolean(second) && !second?.shapley.exact && made !== permutations;
  const agree = second?.agreement[drawn.class.class].agree;

  $("second").dataset.agree = second ? String(agree) : "";
  setText($("second-heading"), text(!second ? "second.heading" : agree ? "second.agree" : "second.disagree"));
  show($("second-offer"), !second);
  list($("second-reasons"), second ? reasons(second, drawn.class) : [], (sentence) => sentence, (sentence) => make("li", {}, sentence), () => {});
  show($("second-changed"), (changed || lost) && !asked);
  setText($("second-changed"), made !== undefined && changed ? text("second.changed", { permutations: count(made) }) : lost ? text("second.lost") : "");
  show($("second-actions"), offersSecond(state));
  setText($("ask-second-label"), text(second ? "second.ask.again" : "second.ask", { permutations: count(permutations) }));
  $("ask-second").disabled = !canAskSecond(state);
  show($("second-details"), Boolean(second));
  if (second) viewSecondFigures(second, drawn.class, value.explanation.settings.target, answer.record);

  show($("weights-by"), Boolean(second));
  $("weights-by").disabled = !canShowWeights(state);
  for (const input of inputs($("weights-by"))) input.checked = input.value === weighing();
}

/** Rank correlation from which on the two agree, as in the program. */
const leastRank = 0.5;

/** Whether both agree on the class that is shown, and what that means. @param {SecondOpinion} second @param {ClassExplanation} shown */
function reasons({ shapley, agreement }, { class: index, readable, order, coefficients }) {
  const { agree, rankCorrelation } = agreement[index];
  const other = shapley.classes[index];
  const { relativeError } = other;
  const { shared, all, five } = sharedBy(strongest(order, coefficients), strongest(other.order, other.values));
  const kind = five ? "five" : "other";
  const [rank, least] = rankCorrelation < leastRank ? apart(rankCorrelation, leastRank, fixed) : [rankCorrelation, leastRank].map(fixed);
  const words = { class: text(`short.${classes[index]}`), rank, least, top: text(`top.${kind}`, { shared: count(shared), all: count(all) }), needed: text(`needed.${kind}`) };
  return [
    text(agree ? "second.agree.text" : "second.disagree.text", words),
    shapley.exact ? text("second.exact") : text(relativeError > mostError ? "second.error.high" : "second.error", { error: percent(relativeError) }),
    ...(readable ? [] : [text("second.unread")]),
  ];
}

/** Figures that say how probable the class is: they are withheld where there is no answer. */
const ofTheClass = new Set(["base", "full"]);

/** Figures that say how the values were estimated: exact ones were not. */
const ofOrders = new Set(["error", "permutations", "seed"]);

/** @param {SecondOpinion} second @param {ClassExplanation} shown @param {Settings["target"]} target @param {PictureRecord} record */
function viewSecondFigures({ shapley, evaluation, agreement }, { class: index }, target, { abstained }) {
  const { rankCorrelation, top } = agreement[index];
  const { relativeError, base, full } = shapley.classes[index];
  const inUnit = (/** @type {number} */ value) => text(`value.${target}`, { value: number(value) });
  /** @type {Figure[]} */
  const figures = [
    ["rank", rankCorrelation, fixed(rankCorrelation)],
    ["top", top, fixed(top)],
    ["error", relativeError, percent(relativeError)],
    ["base", base, inUnit(base)],
    ["full", full, inUnit(full)],
    ["permutations", shapley.settings.permutations, count(shapley.settings.permutations)],
    ["method", evaluation.method, text(`method.${evaluation.method}`)],
    ["seed", shapley.settings.seed, String(shapley.settings.seed)],
  ];
  viewFigures($("second-figures"), figures.filter(([key]) => (!abstained || !ofTheClass.has(key)) && !(shapley.exact && ofOrders.has(key))));
}

/** Makes the switch between the weights. */
export function makeWeighings() {
  $("weights-by").append(...weighings.map((name) => make("label", {},
    make("input", { type: "radio", name: "weights", value: name }), make("span", {}, text(`by.${name}`)))));
}
