// The few things that the views need to change a page, all without parsing text
// as markup.

/** The element with this id. */
export function $(id) {
  return document.getElementById(id);
}

/** Makes an element; properties are set as properties, "data-…", "aria-…" and "role" as attributes. */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (/^(data-|aria-|role$|for$)/.test(name)) element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children);
  return element;
}

/** Sets the text of an element, unless it has it already: a live region that shows a state must not speak twice. */
export function setText(element, words) {
  if (element.textContent !== words) element.textContent = words;
}

/** Shows or hides an element. */
export function show(element, visible) {
  if (element.hidden === visible) element.hidden = !visible;
}

/** Whether an element can have the focus no longer: it, or something around it, is hidden or switched off. */
export function lost(element) {
  return !element.isConnected || Boolean(element.closest("[hidden]")) || element.matches(":disabled");
}

/**
 * Makes the children of parent those of items: keeps the elements whose key is
 * still there, so that focus and hover survive. create(item) makes an element,
 * update(element, item) brings it up to date.
 */
export function list(parent, items, key, create, update) {
  const old = new Map([...parent.children].map((element) => [element.dataset.key, element]));
  let place = parent.firstElementChild;
  for (const item of items) {
    const name = String(key(item));
    let element = old.get(name);
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
