// What screen readers are told beside what has the focus. Each sentence becomes an
// element of its own in a live region that speaks additions: so a sentence that is
// said again is spoken again, and none takes another's place before it was heard.

import { $, make } from "./dom.js";

/** How long a topic has to be quiet before its sentence is said, in milliseconds: who steps through many rows hears the last. */
const pause = 150;

/** How long a sentence stays in the region, in milliseconds. */
const stay = 15_000;

/** Timers of what is to be said, by topic. @type {Map<string, ReturnType<typeof setTimeout>>} */
const waiting = new Map();

/** Forgets what was not yet said: it is of something that is no longer there. */
export function hush() {
  for (const timer of waiting.values()) clearTimeout(timer);
  waiting.clear();
}

/** Says a sentence. Of those of one topic that follow each other quickly, only the last is said. @param {string} sentence @param {string} topic */
export function say(sentence, topic) {
  clearTimeout(waiting.get(topic));
  waiting.set(topic, setTimeout(() => {
    waiting.delete(topic);
    const element = make("p", {}, sentence);
    $("announcer").append(element);
    setTimeout(() => element.remove(), stay);
  }, pause));
}
