// The list of pictures, the ways in, and the messages of the page as a whole.

import { canChoose, canUndo } from "./commands.js";
import { $, childrenOf, find, list, make, setText, show } from "./dom.js";
import { parted } from "./names.js";
import { abstained, placeOf, unfit } from "./state.js";
import { count, fixed, percent, shortened, text } from "./text.js";

/** @import {Row, State, Trust} from "./types" */

/** Draws the state of the program and what depends on it alone. @param {State} now */
export function viewEngine(now) {
  const { engine, examples, example: pointed, notice, note, rows } = now;
  const status = unfit() ? "failed" : engine.status;
  $("engine-status").dataset.status = status;
  setText($("engine-text"), text(engine.status !== "failed" && unfit() ? "engine.unfit" : `engine.${status === "starting" && engine.everReady ? "restarting" : status}`));
  const usable = canChoose(now);
  for (const input of [$("file-input"), $("camera-input")]) input.disabled = !usable;
  list($("examples"), examples.map((example, i) => ({ ...example, label: text("example.label", { number: i + 1 }) })), (example) => example.name,
    ({ name, caption, label }) => make("li", {},
      make("button", { type: "button", className: "button", "data-example": name, title: caption, "aria-describedby": name }, make("span", { className: "thumb" }), label),
      make("span", { id: name, className: "visually-hidden" }, caption)),
    (item, { thumb }) => {
      /** @type {HTMLButtonElement} */ (item.firstElementChild).disabled = !usable;
      viewThumb(find(item, ".thumb"), thumb);
    });
  setText($("examples-hint"), examples.find(({ name }) => name === pointed)?.caption ?? text("examples.hint"));
  show($("error-box"), notice !== "");
  setText($("error-text"), notice);
  show($("note-box"), note !== "");
  setText($("note-text"), note);
  show($("undo"), canUndo(now));
  $("main").toggleAttribute("data-empty", rows.length === 0);
  show($("welcome"), rows.length === 0);
  show($("pictures"), rows.length > 0);
}

/** How many characters of a name the list shows: as many as three lines hold. */
const longestName = 36;

/**
 * The element of each row, and what it shows.
 * @typedef {{ item: HTMLElement, button: HTMLElement, answer?: Row["answer"], status?: Row["status"], trust?: Trust, current?: boolean }} DrawnRow
 * @type {WeakMap<Row, DrawnRow>}
 */
const drawnRows = new WeakMap();

/**
 * Draws the list of pictures; choose(row) is called when one is pressed. Pictures are
 * added at the end or cleared all at once, and only what changed is touched: with two
 * thousand in the list, each that is done would otherwise cost as much as its answer.
 * @param {State} now
 * @param {(row: Row) => void} choose
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
    if (!drawn.item.isConnected) $("rows").append(drawn.item); // new, or cleared and brought back
    const current = row.id === selected;
    const trust = row.trust[placeOf(row)];
    if (drawn.answer === row.answer && drawn.status === row.status && drawn.trust === trust && drawn.current === current) continue;
    const chosen = current && !drawn.current;
    Object.assign(drawn, { answer: row.answer, status: row.status, trust, current });
    const [thumb, , verdict, evidence] = childrenOf(drawn.button);
    drawn.item.dataset.status = row.status;
    drawn.item.dataset.outcome = outcome(row);
    drawn.button.setAttribute("aria-current", String(current));
    viewThumb(thumb, row.thumb);
    setText(verdict, verdictOf(row));
    verdict.title = row.answer?.record.reason ?? "";
    viewTrust(evidence, row.answer ? trust : undefined);
    if (chosen) reveal(drawn.item);
  }
}

/** Moves a row into the visible part of the list; the page itself stays where it is. @param {HTMLElement} item */
function reveal({ offsetTop: top, offsetHeight: height }) {
  const rows = $("rows");
  if (top < rows.scrollTop) rows.scrollTop = top;
  else if (top + height > rows.scrollTop + rows.clientHeight) rows.scrollTop = top + height - rows.clientHeight;
}

/** The button of a row, once it is drawn. @param {Row} row */
export function rowButton(row) {
  return drawnRows.get(row)?.button;
}

/** Shows a thumbnail, once it is there. One that was never near the screen is never unpacked. @param {Element} parent @param {string | null | undefined} address */
function viewThumb(parent, address) {
  if (address && !parent.firstChild) parent.append(make("img", { loading: "lazy", decoding: "async", alt: "", src: address }));
}

/** @param {Row} row @param {(row: Row) => void} choose @returns {DrawnRow} */
function addRow(row, choose) {
  const [beginning, ending] = parted(shortened(row.name, longestName));
  const button = make("button", { type: "button", className: "row" },
    make("span", { className: "thumb" }),
    make("bdi", { className: "row-name", title: row.name }, beginning, make("span", { className: "ending" }, ending)),
    make("span", { className: "verdict" }),
    make("span", { className: "row-trust", "data-testid": "row-trust" }));
  button.addEventListener("click", () => choose(row));
  const drawn = { item: make("li", { "data-testid": "row" }, button), button };
  drawnRows.set(row, drawn);
  return drawn;
}

/** Says how good the explanation of a row's answer is. @param {HTMLElement} element @param {Trust | undefined} trust */
function viewTrust(element, trust) {
  show(element, Boolean(trust));
  if (!trust) return;
  const { readable, r2, agreement, nuclei } = trust;
  Object.assign(element.dataset, { readable: String(readable), r2: String(r2), agreement: String(agreement) });
  setText(element, text(readable ? "rows.trust" : "rows.trust.unread", { r2: fixed(r2) }));
  element.title = [
    text("rows.trust.title", { r2: percent(r2), agreement: percent(agreement) }),
    trust.tested,
    ...(nuclei ? [text("rows.trust.nuclei", { holding: count(nuclei.holding), shown: count(nuclei.shown) })] : []),
  ].join(" ");
}

/** @param {Row} row */
function outcome({ answer }) {
  if (!answer) return "";
  return answer.record.abstained ? "abstained" : answer.record.predicted;
}

/** @param {Row} row */
function verdictOf({ status, answer }) {
  if (!answer) return text(`rows.${status}`);
  const { record } = answer;
  if (record.abstained) return text("rows.abstained", { reason: record.code === "unreadable" ? record.reason : text(`code.${record.code}`) });
  const { predicted, probabilities } = record;
  return `${text(`short.${predicted}`)} ${percent(probabilities[predicted])}`;
}
