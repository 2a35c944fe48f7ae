// The table of all pictures of the case, with its filters.

import { filterBy, showCase, sortBy } from "./case.js";
import { isComplete } from "./commands.js";
import { decisionWords } from "./decision.js";
import { $, childrenOf, find, list, make, setText, show } from "./dom.js";
import { choose, remove } from "./selection.js";
import { changeCase, classes, shownAtFirst, state } from "./state.js";
import { columns, differs, filtered, isDivided, leastHigh, leastMiddle, lineOf, ranked, reasonsIn, sorted } from "./table.js";
import { count, fixed, isolated, percent, text, wholePercent } from "./text.js";
import { viewThumb } from "./thumbnail.js";

/** @import {Code} from "./messages" */
/** @import {Column, Filters, Line, Row, State} from "./types" */

/** How many more lines are shown at a time. */
const more = 200;

/** How long the table stays as it is while pictures are being read, in milliseconds; longer where drawing it takes long. */
const pace = 250;

/** When it was drawn last and how long that took, for which wishes, and what waits for being drawn. @type {{ at: number, took: number, wishes: unknown[], timer: ReturnType<typeof setTimeout> | undefined }} */
const last = { at: -Infinity, took: 0, wishes: [], timer: undefined };

/** Draws the table: at once where something was asked of it, now and then while pictures come. @param {State} now */
export function viewTable(now) {
  const { shown, sorting, filters, order, most } = now.case;
  if (!shown) return;
  const wishes = [sorting, filters, most, order, now.readerFirst, now.rows.length];
  const wait = last.at + Math.max(pace, 4 * last.took) - performance.now();
  if (!isComplete(now) && wait > 0 && wishes.every((wish, i) => wish === last.wishes[i])) {
    last.timer ??= setTimeout(() => {
      last.timer = undefined; // it may come too soon, and another is then needed
      viewTable(state);
    }, Math.ceil(wait));
    return;
  }
  clearTimeout(last.timer);
  const at = performance.now();
  draw(now);
  Object.assign(last, { at, took: performance.now() - at, wishes, timer: undefined });
}

/** @param {State} now */
function draw(now) {
  const { sorting, filters, order, most } = now.case;
  const lines = now.rows.map((row) => lineOf(row, now));
  const veiled = lines.some((line) => line.veiled);
  // While answers are hidden the order of the summary would tell of them.
  const all = veiled && sorting.by !== "name" ? filtered(lines, filters) : sorted(filtered(lines, filters), sorting, order);
  setText($("lines-count"), text("table.count", { shown: count(all.length), total: count(lines.length) }));
  viewFilters(lines, filters);
  for (const cell of childrenOf($("columns"))) {
    const { column } = cell.dataset;
    if (!column) continue;
    if (sorting.by === column) cell.setAttribute("aria-sort", sorting.down ? "descending" : "ascending");
    else cell.removeAttribute("aria-sort");
  }
  $("by-order").setAttribute("aria-pressed", String(sorting.by === "order"));
  list($("lines"), all.slice(0, most).map((line, i) => ({ line, i })), ({ i }) => i, makeLine, (element, { line }) => viewLine(element, line));
  show($("lines-more"), all.length > most);
  setText($("lines-more"), text("table.more", { count: count(Math.min(more, all.length - most)) }));
}

/** @param {Line[]} lines @param {Filters} filters */
function viewFilters(lines, filters) {
  const reasons = reasonsIn(lines);
  if (filters.reason && !reasons.includes(filters.reason)) reasons.push(filters.reason);
  list($("filter-reason"), ["", ...reasons], (code) => code || "any",
    (code) => make("option", { value: code }, code ? text(`code.${code}`) : text("table.any")), () => {});
  for (const [name, value] of Object.entries(filters)) {
    const field = $(/** @type {"filter-answer"} */ (`filter-${name}`));
    if (field.value !== value) field.value = value;
  }
  show($("filter-none"), Object.values(filters).some((value) => value !== ""));
}

/** The picture that each line shows: lines stay where they are, and sorting only writes other words into them. @type {WeakMap<HTMLElement, Row>} */
const shownIn = new WeakMap();

function makeLine() {
  const open = make("button", { type: "button", className: "line-open" }, make("span", { className: "thumb" }), make("bdi", { className: "line-name" }));
  open.addEventListener("click", () => {
    const row = shownIn.get(line);
    showCase(false);
    if (row) choose(row);
  });
  const away = make("button", { type: "button", className: "quiet" }, make("span", { "aria-hidden": "true" }, "×"), make("span", { className: "visually-hidden" }));
  away.addEventListener("click", () => {
    const row = shownIn.get(line);
    if (row) remove(row);
  });
  const line = make("tr", { "data-testid": "line" }, make("th", { scope: "row" }, open), ...columns.slice(1).map((column) => make("td", { "data-column": column })), make("td", {}, away));
  return line;
}

/** What each line shows, so that only what changed is touched. @type {WeakMap<HTMLElement, string>} */
const drawn = new WeakMap();

/** @param {HTMLElement} element @param {Line} line */
function viewLine(element, line) {
  const { row, name, veiled } = line;
  shownIn.set(element, row);
  const [head, ...cells] = childrenOf(element);
  viewThumb(find(head, ".thumb"), row.thumb);
  const words = wordsOf(line);
  const all = [name, ...words].join("\n");
  if (drawn.get(element) === all) return;
  drawn.set(element, all);
  const written = find(head, ".line-name");
  written.title = name;
  setText(written, name);
  for (const [i, said] of words.entries()) setText(cells[i], said);
  element.dataset.outcome = veiled ? "" : line.predicted ?? (line.code && "abstained");
  element.toggleAttribute("data-differs", differs(line));
  element.toggleAttribute("data-divided", isDivided(line.fields));
  setText(find(cells[cells.length - 1], ".visually-hidden"), text("table.remove", { name: isolated(name) }));
}

/** What the cells of a line say, in the order of the columns. @param {Line} line */
function wordsOf(line) {
  const { row, veiled, predicted, code, probability, parts, fields, cells, tally, trust, decision } = line;
  const answer = veiled && row.answer ? text("rows.veiled") : predicted ? text(`short.${predicted}`) : code ? text("rows.abstained", { reason: text(`code.${code}`) }) : text(`rows.${row.status}`);
  const read = fields && isDivided(fields) ? text("table.fields", { count: count(parts ?? 0), parts: countsWords((name) => fields[name]) }) : parts === null ? "" : count(parts);
  return [
    answer,
    probability === null ? "" : percent(probability),
    read,
    cells === null ? "" : count(cells),
    tally ? [countsWords((_, i) => tally.classes[i]), ...(tally.neither > 0 ? [text("table.neither", { count: count(tally.neither) })] : [])].filter(Boolean).join(", ") : "",
    trust ? text(trust.readable ? "table.readable" : "table.unreadable", { r2: fixed(trust.r2) }) : "",
    decision ? decisionWords(decision) : "",
  ];
}

/** @param {Parameters<typeof ranked>[0]} of */
function countsWords(of) {
  return ranked(of).map(({ name, n }) => text("table.class", { count: count(n), class: text(`short.${name}`) })).join(", ");
}

/** Fills a choice. @param {"filter-answer" | "filter-certainty" | "filter-reader"} id @param {[string, string][]} options */
function fill(id, options) {
  $(id).append(make("option", { value: "" }, text("table.any")), ...options.map(([value, words]) => make("option", { value }, words)));
}

export function wireTable() {
  $("columns").append(
    ...columns.map((column) => {
      const button = make("button", { type: "button", className: "sort" }, text(`column.${column}`));
      button.addEventListener("click", () => sortBy(column));
      return make("th", { scope: "col", "data-column": column }, button);
    }),
    make("td", {}),
  );
  fill("filter-answer", [...classes.map((name) => /** @type {[string, string]} */ ([name, text(`short.${name}`)])), ["abstained", text("result.abstained")]]);
  fill("filter-certainty", [
    ["low", text("certainty.low", { limit: wholePercent(leastMiddle) })],
    ["middle", text("certainty.middle", { low: wholePercent(leastMiddle), high: wholePercent(leastHigh) })],
    ["high", text("certainty.high", { limit: wholePercent(leastHigh) })],
  ]);
  fill("filter-reader", [["none", text("filter.reader.none")], ["differs", text("filter.reader.differs")]]);
  $("filters").addEventListener("input", ({ target }) => {
    if (target instanceof HTMLSelectElement) filterBy({ [target.name]: /** @type {Code} */ (target.value) });
  });
  $("filters").addEventListener("submit", (event) => event.preventDefault());
  $("filter-none").addEventListener("click", () => filterBy({ answer: "", reason: "", certainty: "", reader: "" }));
  $("by-order").addEventListener("click", () => sortBy(/** @type {Column} */ ("order")));
  $("lines-more").addEventListener("click", () => changeCase({ most: state.case.most + more }));
  changeCase({ most: shownAtFirst });
}
