// What came of putting the explanation to the test: the most telling sentence, and, for who wants to
// know, the others with the two curves.

import { $, list, make, mark, setText, show } from "./dom.js";
import { classes, selectedRow, state } from "./state.js";
import { count, number, percent, text } from "./text.js";
import { viewFigures } from "./view-explanation.js";

/** @import {ClassFaithfulness, Faithfulness} from "./messages" */
/** @import {Figure} from "./view-explanation.js" */

/** Width and height of a panel of the chart, and the room around it. */
const panel = { width: 130, height: 84, left: 30, top: 16, bottom: 26, between: 26 };

/** What is drawn, so that the chart is made anew only when that changes. @type {{ of: unknown, index: number }} */
let drawnLast = { of: null, index: -1 };

/** Draws what came of the test of the explanation that is shown. Of a picture without an answer nothing is told. */
export function viewTested() {
  const { drawn } = state;
  const record = selectedRow()?.answer?.record;
  const told = drawn && record && !record.abstained ? drawn.explanation.value : null;
  show($("tested"), Boolean(told));
  if (!told || !drawn) return;
  const index = drawn.class.class;
  const [first, ...others] = told.tested[index];
  setText($("tested-said"), first);
  list($("tested-more"), others, (sentence) => sentence, (sentence) => make("li", {}, sentence), () => {});
  const { faithfulness } = told;
  if (drawnLast.of === faithfulness && drawnLast.index === index && $("tested-chart").firstChild) return;
  drawnLast = { of: faithfulness, index };
  const of = faithfulness.classes[index];
  show($("tested-chart"), faithfulness.superpixels > 1);
  show($("tested-figures"), faithfulness.superpixels > 1);
  if (faithfulness.superpixels < 2) return;
  drawChart(of, faithfulness);
  /** @type {Figure[]} */
  const figures = [
    ["deletion", of.deletion.area, text("tested.ahead", { area: number(of.deletion.area), ahead: count(of.deletion.ahead), orders: count(faithfulness.orders) })],
    ["insertion", of.insertion.area, text("tested.ahead", { area: number(of.insertion.area), ahead: count(of.insertion.ahead), orders: count(faithfulness.orders) })],
    ["random", of.random.area, text("tested.random", { area: number(of.random.area), error: number(of.random.standardError) })],
  ];
  viewFigures($("tested-figures"), figures, (key) => text(`tested.area.${key}`));
}

/** Draws both curves, each beside that of random orders. @param {ClassFaithfulness} of @param {Faithfulness} test */
function drawChart({ deletion, insertion, random }, { superpixels }) {
  const { width, height, left, top, bottom, between } = panel;
  const size = { width: left + 2 * width + between + 8, height: top + height + bottom };
  const panels = /** @type {const} */ ([["deletion", deletion.probabilities, random.probabilities.toReversed()], ["insertion", insertion.probabilities, random.probabilities]]);
  const drawing = mark("svg", { viewBox: `0 0 ${size.width} ${size.height}`, class: "chart", role: "img", "aria-label": text("tested.chart", {
    class: text(`short.${classes[drawnLast.index]}`), whole: percent(deletion.probabilities[0]), half: percent(deletion.probabilities[Math.ceil(superpixels / 2)]), random: percent(random.probabilities[Math.floor(superpixels / 2)]),
  }) });
  for (const [i, [name, own, others]] of panels.entries()) {
    const x = left + i * (width + between);
    const line = (/** @type {readonly number[]} */ values) => values.map((p, k) => `${(x + (width * k) / (values.length - 1)).toFixed(1)},${(top + height * (1 - p)).toFixed(1)}`).join(" ");
    drawing.append(
      mark("text", { x, y: top - 5 }, text(`tested.curve.${name}`)),
      mark("path", { d: `M${x},${top}V${top + height}H${x + width}`, class: "axis" }),
      mark("text", { x: x - 4, y: top + 4, class: "end" }, i === 0 ? percent(1) : ""),
      mark("text", { x: x - 4, y: top + height + 3, class: "end" }, i === 0 ? percent(0) : ""),
      mark("text", { x, y: top + height + 12 }, "0"),
      mark("text", { x: x + width, y: top + height + 12, class: "end" }, count(superpixels)),
      mark("polyline", { points: line(others), class: "random" }),
      mark("polyline", { points: line(own), class: "own" }),
    );
  }
  drawing.append(mark("text", { x: left, y: size.height - 3 }, text("tested.key")));
  $("tested-chart").replaceChildren(drawing);
}
