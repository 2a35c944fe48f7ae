// The few things that the views need to change a page, all without parsing text
// as markup.

/** @import {ElementOf} from "./elements" */

/** The element with this id; index.html has it. @template {string} Id @param {Id} id */
export function $(id) {
  return /** @type {ElementOf<Id>} */ (document.getElementById(id));
}

/**
 * Makes an element; properties are set as properties, "data-…", "aria-…" and "role" as attributes.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, unknown>} [properties]
 * @param {...(Node | string)} children
 */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (/^(data-|aria-|role$|for$)/.test(name)) element.setAttribute(name, String(value));
    else Object.assign(element, { [name]: value });
  }
  element.append(...children);
  return element;
}

/** Makes an element of a drawing. @param {"svg" | "rect" | "line" | "circle" | "path" | "polyline" | "text"} name @param {Record<string, unknown>} [attributes] @param {...(Node | string)} children */
export function mark(name, attributes = {}, ...children) {
  // The name of the space of drawings is an address, and none stands in the page: it is taken from a drawing that is there.
  const element = document.createElementNS($("original-marks").namespaceURI, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  element.append(...children);
  return element;
}

/** Sets the text of an element, unless it has it already: a live region that shows a state must not speak twice. @param {Element} element @param {string} words */
export function setText(element, words) {
  if (element.textContent !== words) element.textContent = words;
}

/** Shows or hides an element. @param {HTMLElement} element @param {boolean} visible */
export function show(element, visible) {
  if (element.hidden === visible) element.hidden = !visible;
}

/** Whether an element can have the focus no longer: it, or something around it, is hidden or switched off. @param {Element} element */
export function lost(element) {
  return !element.isConnected || Boolean(element.closest("[hidden]")) || element.matches(":disabled");
}

/** The first element that a selector finds within another, which has it. @param {ParentNode} parent @param {string} selector */
export function find(parent, selector) {
  return /** @type {HTMLElement} */ (parent.querySelector(selector));
}

/** The radio buttons or check boxes within an element. @param {ParentNode} parent @returns {NodeListOf<HTMLInputElement>} */
export function inputs(parent) {
  return parent.querySelectorAll("input");
}

/** The child elements of one. @param {Element} parent */
export function childrenOf(parent) {
  return /** @type {HTMLElement[]} */ ([...parent.children]);
}

/**
 * Makes the children of parent those of items: keeps the elements whose key is
 * still there, so that focus and hover survive. create(item) makes an element,
 * update(element, item) brings it up to date.
 * @template Item
 * @template {HTMLElement} Child
 * @param {Element} parent
 * @param {Item[]} items
 * @param {(item: Item) => unknown} key
 * @param {(item: Item) => Child} create
 * @param {(element: Child, item: Item) => void} update
 */
export function list(parent, items, key, create, update) {
  const old = new Map(childrenOf(parent).map((element) => [element.dataset.key, element]));
  let place = parent.firstElementChild;
  for (const item of items) {
    const name = String(key(item));
    let element = /** @type {Child | undefined} */ (old.get(name));
    old.delete(name);
    if (!element) {
      element = create(item);
      element.dataset.key = name;
    }
    if (element === place) place = place.nextElementSibling;
    else parent.insertBefore(element, place);
    update(element, item);
  }
  for (const element of old.values()) element.remove();
}
