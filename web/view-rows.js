// The list of pictures, the ways in, and the messages of the page as a whole.

import { $, list, make, setText, show } from "./dom.js";
import { percent, text } from "./text.js";

/** Draws the state of the program and what depends on it alone. */
export function viewEngine({ engine, examples, example: pointed, notice, announcement, rows }) {
  $("engine-status").dataset.status = engine.status;
  setText($("engine-text"), text(`engine.${engine.status === "starting" && engine.everReady ? "restarting" : engine.status}`));
  const usable = engine.everReady && engine.status !== "failed";
  for (const id of ["file-input", "camera-input"]) $(id).disabled = !usable;
  list($("examples"), examples.map((example, i) => ({ ...example, label: text("example.label", { number: i + 1 }) })), (example) => example.name,
    ({ name, caption, label }) => make("li", {},
      make("button", { type: "button", className: "button", "data-example": name, title: caption, "aria-describedby": name }, make("span", { className: "thumb" }), label),
      make("span", { id: name, className: "visually-hidden" }, caption)),
    ({ firstElementChild: button }, { thumb }) => {
      button.disabled = !usable;
      if (thumb && !button.firstElementChild.firstChild) button.firstElementChild.append(thumb);
    });
  setText($("examples-hint"), examples.find(({ name }) => name === pointed)?.caption ?? text("examples.hint"));
  show($("error-box"), notice !== "");
  setText($("error-text"), notice);
  setText($("announcer"), announcement);
  if (engine.identity) {
    const { weights, go } = engine.identity;
    setText($("identity-rest"), text("identity.rest", { weights: weights.slice(0, 16), go }));
    $("identity-rest").dataset.weights = weights;
  }
  $("main").toggleAttribute("data-empty", rows.length === 0);
  show($("welcome"), rows.length === 0);
  show($("pictures"), rows.length > 0);
}

const drawnRows = new WeakMap(); // row: {item, status, current}, its element and what that shows

/**
 * Draws the list of pictures; select(id) is called when one is chosen. Pictures are
 * added at the end or cleared all at once, and only what changed is touched: with two
 * thousand in the list, each that is done would otherwise cost as much as its answer.
 */
export function viewRows({ rows, selected }, select) {
  const done = rows.filter((row) => row.status === "done").length;
  setText($("rows-count"), rows.length > 1 ? text("rows.count", { done, total: rows.length }) : "");
  if (rows.length === 0) $("rows").replaceChildren();
  for (const row of rows) {
    const drawn = drawnRows.get(row) ?? addRow(row, select);
    const current = row.id === selected;
    if (drawn.status === row.status && drawn.current === current) continue;
    Object.assign(drawn, { status: row.status, current });
    const [thumb, , verdict] = drawn.item.firstElementChild.children;
    drawn.item.dataset.status = row.status;
    drawn.item.dataset.outcome = outcome(row);
    drawn.item.firstElementChild.setAttribute("aria-current", String(current));
    if (row.thumb && !thumb.firstChild) thumb.append(row.thumb);
    setText(verdict, verdictOf(row));
    verdict.title = row.answer?.record.reason ?? "";
  }
}

function addRow(row, select) {
  const button = make("button", { type: "button", className: "row" },
    make("span", { className: "thumb" }),
    make("span", { className: "row-name", title: row.name }, row.name),
    make("span", { className: "verdict" }));
  button.addEventListener("click", () => select(row.id));
  const drawn = { item: make("li", { "data-testid": "row" }, button) };
  $("rows").append(drawn.item);
  drawnRows.set(row, drawn);
  return drawn;
}

function outcome({ answer }) {
  if (!answer) return "";
  return answer.record.abstained ? "abstained" : answer.record.predicted;
}

function verdictOf({ status, answer }) {
  if (!answer) return text(`rows.${status}`);
  const { predicted, probabilities, abstained, reason } = answer.record;
  if (abstained) return reason;
  return `${text(`short.${predicted}`)} ${percent(probabilities[predicted])}`;
}
