// What a laboratory teaches the page: what there is to fit a profile to, the profile that is offered
// or used, and how it did.

import { canFit } from "./commands.js";
import { $, list, make, setText, show } from "./dom.js";
import { dropCases, fit, giveCases, saveProfile, stopUsing, useOffered } from "./lab.js";
import { choicesOf } from "./saved.js";
import { count, fixed, networkWords, text } from "./text.js";
import { fillTable } from "./view-case.js";

/** @import {Choices} from "./messages" */
/** @import {LabProfile, State} from "./types" */

/** Draws it. @param {State} now */
export function viewLab(now) {
  const { others, standing, fitting, offered, refusal } = now.lab;
  const shown = offered ?? now.profile;
  show($("lab"), now.case.shown || Boolean(shown));
  show($("lab-fit-box"), now.case.shown);
  const decided = standing && text("lab.standing", { pictures: count(standing.pictures), slides: count(standing.slides), others: count(others.length) });
  setText($("lab-standing"), fitting ? text("lab.fitting") : decided ? [...(standing.pictures > 0 ? [decided] : []), standing.why].join(" ") : text("lab.waiting"));
  $("lab-fit").disabled = !canFit(now);
  show($("lab-drop"), others.length > 0);
  show($("lab-refusal"), refusal !== "");
  setText($("lab-refusal"), refusal);
  show($("lab-shown"), Boolean(shown));
  if (!shown) return;
  $("lab-shown").dataset.profile = shown.correction.profile;
  $("lab-shown").toggleAttribute("data-used", !offered);
  setText($("lab-shown-heading"), text(offered ? "lab.offered" : "lab.used"));
  list($("lab-said"), saidOf(shown), (words) => words, (words) => make("li", {}, words), () => {});
  viewJudgement(shown);
  show($("lab-use"), Boolean(offered));
  setText($("lab-stop"), text(offered ? "lab.not" : "lab.stop"));
  show($("lab-save"), shown.file !== null);
}

/** What is said of a profile. @param {LabProfile} profile */
function saidOf({ network, correction, says }) {
  const named = text("lab.named", { network: networkWords(network, correction.profile) });
  if (!says) return [named, text("lab.ofcase")];
  const told = choicesOf(says.choices);
  return [
    named,
    ...(says.classes ? [text("lab.classes", { classes: says.classes.map((name) => text(`short.${name}`)).join(", ") })] : []),
    ...(told ? [text("lab.told", { told: toldWords(told) })] : []),
    text(says.judgement.pictures > 0 ? "lab.chance" : "lab.unjudged"),
  ];
}

/** @param {Choices} told */
function toldWords({ diameter, ground, keepSize, keepLight, keepStain }) {
  return [
    ...(diameter ? [text("lab.told.diameter", { diameter })] : []), ...(ground ? [text("lab.told.ground", { ground: ground.join(", ") })] : []),
    ...Object.entries({ keepSize, keepLight, keepStain }).filter(([, kept]) => kept).map(([name]) => text(`lab.told.${name}`)),
  ].join("; ");
}

/** How a profile did on pictures that it was not fitted to. @param {LabProfile} profile */
function viewJudgement({ says }) {
  const judgement = says?.judgement;
  show($("lab-table"), Boolean(judgement?.pictures));
  if (!judgement?.pictures) return;
  const { pictures, slides, right, correctedRight, logLoss, correctedLogLoss, standardError } = judgement;
  setText($("lab-caption"), text("lab.judged", { pictures: count(pictures), slides: count(slides), right: count(right), corrected: count(correctedRight) }));
  const of = (/** @type {number} */ n) => text("lab.of", { right: count(n), pictures: count(pictures) });
  fillTable("lab-judged-head", [["", text("lab.before"), text("lab.after")]]);
  fillTable("lab-judged-body", [
    [text("lab.right"), of(right), of(correctedRight)],
    [text("lab.loss"), fixed(logLoss), text("lab.error", { loss: fixed(correctedLogLoss), error: fixed(standardError) })],
  ]);
}

export function wireLab() {
  $("lab-fit").addEventListener("click", fit);
  $("lab-drop").addEventListener("click", dropCases);
  $("lab-use").addEventListener("click", useOffered);
  $("lab-save").addEventListener("click", saveProfile);
  $("lab-stop").addEventListener("click", stopUsing);
  $("lab-input").addEventListener("change", () => {
    const files = [...($("lab-input").files ?? [])];
    $("lab-input").value = "";
    giveCases(files);
  });
}
