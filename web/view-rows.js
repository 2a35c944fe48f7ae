// The list of pictures, the ways in, and the messages of the page as a whole.

import { canChoose, canFilter, canUndo, isFiltered } from "./commands.js";
import { decisionWords, nameOf } from "./decision.js";
import { $, childrenOf, find, list, make, setText, show } from "./dom.js";
import { parted } from "./names.js";
import { abstained, isVeiled, placeOf, unfit } from "./state.js";
import { count, fixed, percent, shortened, text } from "./text.js";
import { viewThumb } from "./thumbnail.js";

/** @import {Row, State, Trust} from "./types" */

/** Draws the state of the program and what depends on it alone. @param {State} now */
export function viewEngine(now) {
  const { engine, examples, example: pointed, notice, note, rows } = now;
  const status = unfit() ? "failed" : engine.status;
  $("engine-status").dataset.status = status;
  setText($("engine-text"), text(engine.status !== "failed" && unfit() ? "engine.unfit" : `engine.${status === "starting" && engine.everReady ? "restarting" : status}`));
  const usable = canChoose(now);
  for (const input of [$("file-input"), $("folder-input"), $("camera-input")]) input.disabled = !usable;
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
  $("main").toggleAttribute("data-case", now.case.shown);
  show($("welcome"), rows.length === 0);
  show($("pictures"), rows.length > 0);
}

/** How many characters of a name the list shows: as many as three lines hold. */
const longestName = 36;

/**
 * The element of each row, and what it shows.
 * @typedef {{ item: HTMLElement, button: HTMLElement, answer?: Row["answer"], status?: Row["status"], trust?: Trust, decision?: Row["decision"], veiled?: boolean, name?: string, current?: boolean }} DrawnRow
 * @type {WeakMap<Row, DrawnRow>}
 */
const drawnRows = new WeakMap();

/**
 * Draws the list of pictures; choose(row) is called when one is pressed. Only what changed is
 * touched: with two thousand in the list, each that is done would otherwise cost as much as
 * its answer.
 * @param {State} now
 * @param {(row: Row) => void} choose
 */
export function viewRows(now, choose) {
  const { rows, selected } = now;
  const only = isFiltered(now);
  const done = rows.filter((row) => row.status === "done").length;
  const without = abstained().length;
  setText($("rows-count"), rows.length > 1 ? text("rows.count", { done: count(done), total: count(rows.length) }) : "");
  show($("only"), canFilter(now));
  setText($("only"), canFilter(now) ? text("rows.only", { abstained: count(without) }) : "");
  $("only").setAttribute("aria-pressed", String(only));
  $("rows").toggleAttribute("data-only", only);
  if (rows.length === 0) $("rows").replaceChildren();
  else if ($("rows").childElementCount > rows.length) {
    const left = new Set(rows.map((row) => drawnRows.get(row)?.item));
    for (const item of childrenOf($("rows"))) if (!left.has(item)) item.remove();
  }
  for (const [i, row] of rows.entries()) {
    const drawn = drawnRows.get(row) ?? addRow(row, choose);
    if (!drawn.item.isConnected) $("rows").insertBefore(drawn.item, $("rows").children[i] ?? null); // new, or taken out and brought back
    const current = row.id === selected;
    const trust = row.trust[placeOf(row)];
    const veiled = isVeiled(row, now);
    const { answer, status, decision } = row;
    const same = drawn.answer === answer && drawn.status === status && drawn.trust === trust && drawn.decision === decision && drawn.veiled === veiled;
    if (same && drawn.current === current) continue;
    const chosen = current && !drawn.current;
    Object.assign(drawn, { answer, status, trust, decision, veiled, current });
    const [thumb, name, verdict, evidence, reader] = childrenOf(drawn.button);
    viewName(drawn, name, nameOf(row));
    drawn.item.dataset.status = row.status;
    drawn.item.dataset.outcome = veiled ? "" : outcome(row);
    drawn.button.setAttribute("aria-current", String(current));
    viewThumb(thumb, row.thumb);
    setText(verdict, veiled && answer ? text("rows.veiled") : verdictOf(row));
    verdict.title = veiled ? "" : answer?.record.reason ?? "";
    viewTrust(evidence, answer && !veiled ? trust : undefined);
    show(reader, Boolean(decision));
    setText(reader, decision ? decisionWords(decision) : "");
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

/** @param {Row} row @param {(row: Row) => void} choose @returns {DrawnRow} */
function addRow(row, choose) {
  const button = make("button", { type: "button", className: "row" },
    make("span", { className: "thumb" }),
    make("bdi", { className: "row-name" }),
    make("span", { className: "verdict" }),
    make("span", { className: "row-trust", "data-testid": "row-trust" }),
    make("span", { className: "row-reader", "data-testid": "row-reader" }));
  button.addEventListener("click", () => choose(row));
  const drawn = { item: make("li", { "data-testid": "row" }, button), button };
  drawnRows.set(row, drawn);
  return drawn;
}

/** Writes the name of a row, so that a line is not broken within its ending. @param {DrawnRow} drawn @param {HTMLElement} element @param {string} name */
function viewName(drawn, element, name) {
  if (drawn.name === name) return;
  drawn.name = name;
  const [beginning, ending] = parted(shortened(name, longestName));
  element.title = name;
  element.replaceChildren(beginning, make("span", { className: "ending" }, ending));
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
