// The list of pictures, the ways in, and the messages of the page as a whole.

import { $, list, make, setText, show } from "./dom.js";
import { abstained, unfit } from "./state.js";
import { count, percent, shortened, text } from "./text.js";

/** Draws the state of the program and what depends on it alone. */
export function viewEngine({ engine, examples, example: pointed, notice, rows }) {
  const status = unfit() ? "failed" : engine.status;
  $("engine-status").dataset.status = status;
  setText($("engine-text"), text(engine.status !== "failed" && unfit() ? "engine.unfit" : `engine.${status === "starting" && engine.everReady ? "restarting" : status}`));
  const usable = engine.everReady && status !== "failed";
  for (const id of ["file-input", "camera-input"]) $(id).disabled = !usable;
  list($("examples"), examples.map((example, i) => ({ ...example, label: text("example.label", { number: i + 1 }) })), (example) => example.name,
    ({ name, caption, label }) => make("li", {},
      make("button", { type: "button", className: "button", "data-example": name, title: caption, "aria-describedby": name }, make("span", { className: "thumb" }), label),
      make("span", { id: name, className: "visually-hidden" }, caption)),
    ({ firstElementChild: button }, { thumb }) => {
      button.disabled = !usable;
      viewThumb(button.firstElementChild, thumb);
    });
  setText($("examples-hint"), examples.find(({ name }) => name === pointed)?.caption ?? text("examples.hint"));
  show($("error-box"), notice !== "");
  setText($("error-text"), notice);
  $("main").toggleAttribute("data-empty", rows.length === 0);
  show($("welcome"), rows.length === 0);
  show($("pictures"), rows.length > 0);
}

const drawnRows = new WeakMap(); // row: {item, answer, status, current}, its element and what that shows

/**
 * Draws the list of pictures; choose(row) is called when one is pressed. Pictures are
 * added at the end or cleared all at once, and only what changed is touched: with two
 * thousand in the list, each that is done would otherwise cost as much as its answer.
 */
export function viewRows({ rows, selected, only }, choose) {
  const done = rows.filter((row) => row.status === "done").length;
  const without = abstained().length;
  setText($("rows-count"), rows.length > 1 ? text("rows.count", { done: count(done), total: count(rows.length) }) : "");
  show($("only"), only || (without > 0 && rows.length > 1));
  setText($("only"), text("rows.only", { abstained: count(without) }));
  $("only").setAttribute("aria-pressed", String(only));
  $("rows").toggleAttribute("data-only", only);
  if (rows.length === 0) $("rows").replaceChildren();
  for (const row of rows) {
    const drawn = drawnRows.get(row) ?? addRow(row, choose);
    const current = row.id === selected;
    if (drawn.answer === row.answer && drawn.status === row.status && drawn.current === current) continue;
    const chosen = current && !drawn.current;
    Object.assign(drawn, { answer: row.answer, status: row.status, current });
    const [thumb, , verdict] = drawn.item.firstElementChild.children;
    drawn.item.dataset.status = row.status;
    drawn.item.dataset.outcome = outcome(row);
    drawn.item.firstElementChild.setAttribute("aria-current", String(current));
    viewThumb(thumb, row.thumb);
    setText(verdict, verdictOf(row));
    verdict.title = row.answer?.record.reason ?? "";
    if (chosen) reveal(drawn.item);
  }
}

/** Moves a row into the visible part of the list; the page itself stays where it is. */
function reveal(item) {
  const list = $("rows");
  const { offsetTop: top, offsetHeight: height } = item;
  if (top < list.scrollTop) list.scrollTop = top;
  else if (top + height > list.scrollTop + list.clientHeight) list.scrollTop = top + height - list.clientHeight;
}

/** The button of a row that is drawn. */
export function rowButton(row) {
  return drawnRows.get(row).item.firstElementChild;
}

/** Shows a thumbnail, once it is there. One that was never near the screen is never unpacked. */
function viewThumb(parent, address) {
  if (address && !parent.firstChild) parent.append(make("img", { loading: "lazy", decoding: "async", alt: "", src: address }));
}

function addRow(row, choose) {
  const button = make("button", { type: "button", className: "row" },
    make("span", { className: "thumb" }),
    make("bdi", { className: "row-name", title: row.name }, shortened(row.name, 60)),
    make("span", { className: "verdict" }));
  button.addEventListener("click", () => choose(row));
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
  const { predicted, probabilities, abstained: refused, code, reason } = answer.record;
  if (refused) return text("rows.abstained", { reason: code === "unreadable" ? reason : text(`code.${code}`) });
  return `${text(`short.${predicted}`)} ${percent(probabilities[predicted])}`;
}
