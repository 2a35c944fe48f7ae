// The second opinion: the offer, whether it agrees with LIME, its figures, and the
// switch between the two.

import { $, list, make, setText, show } from "./dom.js";
import { sharedBy, strongest } from "./evidence.js";
import { classes, mostError, selectedRow, state, weighing, weighings } from "./state.js";
import { apart, count, fixed, number, percent, text } from "./text.js";
import { viewFigures } from "./view-explanation.js";

/** Draws the second opinion on the explanation that is shown. */
export function viewSecond() {
  const { drawn, progress, permutations, pixels, engine } = state;
  if (!drawn) return;
  const { answer, explanation: { value, second } } = selectedRow();
  const asked = progress?.job === "shapley";
  const made = second?.shapley.settings.permutations;
  const changed = Boolean(second) && made !== permutations;
  const agree = second?.agreement[drawn.class.class].agree;

  $("second").dataset.agree = second ? String(agree) : "";
  setText($("second-heading"), text(!second ? "second.heading" : agree ? "second.agree" : "second.disagree"));
  show($("second-offer"), !second);
  list($("second-reasons"), second ? reasons(second) : [], (sentence) => sentence, (sentence) => make("li", {}, sentence), () => {});
  show($("second-changed"), changed && !asked);
  setText($("second-changed"), changed ? text("second.changed", { permutations: count(made) }) : "");
  show($("second-actions"), !asked && (!second || changed));
  setText($("ask-second-label"), text(second ? "second.ask.again" : "second.ask", { permutations: count(permutations) }));
  $("ask-second").disabled = !pixels || engine.status === "failed" || $("set-permutations").matches(":invalid");
  show($("second-details"), Boolean(second));
  if (second) viewSecondFigures(second, value.explanation.settings.target, answer.record);

  show($("weights-by"), Boolean(second));
  $("weights-by").disabled = Boolean(progress) || engine.status === "failed";
  for (const input of $("weights-by").querySelectorAll("input")) input.checked = input.value === weighing();
}

/** Rank correlation from which on the two agree, as in the program. */
const leastRank = 0.5;

/** Whether both agree on the class that is shown, and what that means. */
function reasons({ shapley, agreement }) {
  const { class: index, readable, order, coefficients } = state.drawn.class;
  const { agree, rankCorrelation } = agreement[index];
  const other = shapley.classes[index];
  const { relativeError } = other;
  const { shared, all, five } = sharedBy(strongest(order, coefficients), strongest(other.order, other.values));
  const kind = five ? "five" : "other";
  const [rank, least] = rankCorrelation < leastRank ? apart(rankCorrelation, leastRank, fixed) : [rankCorrelation, leastRank].map(fixed);
  const words = { class: text(`short.${classes[index]}`), rank, least, top: text(`top.${kind}`, { shared: count(shared), all: count(all) }), needed: text(`needed.${kind}`) };
  return [
    text(agree ? "second.agree.text" : "second.disagree.text", words),
    text(relativeError > mostError ? "second.error.high" : "second.error", { error: percent(relativeError) }),
    ...(readable ? [] : [text("second.unread")]),
  ];
}

function viewSecondFigures({ shapley, evaluation, agreement }, target, { abstained }) {
  const index = state.drawn.class.class;
  const { rankCorrelation, top } = agreement[index];
  const { relativeError, base, full } = shapley.classes[index];
  const inUnit = (value) => text(`value.${target}`, { value: number(value) });
  viewFigures($("second-figures"), [
    ["rank", rankCorrelation, fixed(rankCorrelation)],
    ["top", top, fixed(top)],
    ["error", relativeError, percent(relativeError)],
    ...(abstained ? [] : [["base", base, inUnit(base)], ["full", full, inUnit(full)]]), // how probable the class is
    ["permutations", shapley.settings.permutations, count(shapley.settings.permutations)],
    ["method", evaluation.method, text(`method.${evaluation.method}`)],
    ["seed", shapley.settings.seed, String(shapley.settings.seed)],
  ]);
}

/** Makes the switch between the weights. */
export function makeWeighings() {
  $("weights-by").append(...weighings.map((name) => make("label", {},
    make("input", { type: "radio", name: "weights", value: name }), make("span", {}, text(`by.${name}`)))));
}
