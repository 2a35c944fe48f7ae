// What a laboratory teaches the page: a profile is fitted to pictures that the reader decided on, or
// comes as a file, is shown, and only then used.

import { say } from "./announcer.js";
import { parse, written } from "./bridge.js";
import { areAllRead, canFit } from "./commands.js";
import { $ } from "./dom.js";
import { soon } from "./focus.js";
import { isJSON } from "./folders.js";
import { caseIn, run, sentence, whenGreeted } from "./jobs.js";
import { fileName, save } from "./names.js";
import { useNetwork } from "./selection.js";
import { changeLab, nextOffered, notify, offerProfile, state, update } from "./state.js";
import { shortHash, text } from "./text.js";

/** @import {CasePicture, Draft, Jobs} from "./messages" */
/** @import {LabProfile, Row, Saved, State} from "./types" */

/** What a fit needs of a picture. @param {{ answer: Row["answer"], decision: CasePicture["decision"] }} picture */
function neededOf({ answer, decision }) {
  const { record, network, weights, calibration, logits, scale, source, choices } = /** @type {CasePicture["answer"]} */ (answer);
  return /** @type {CasePicture} */ ({ answer: { record: { file: record.file }, network, weights, calibration, logits, scale, source, choices }, explained: null, decision });
}

/** The case of the list, and the others that were given. @returns {Jobs["judged"]["values"]} */
function judged() {
  const own = { label: state.case.label, pictures: state.rows.filter(({ answer }) => answer).map(neededOf) };
  return { json: written({ cases: [own, ...state.lab.others] }) };
}

/** Of what the pictures were counted last. @type {unknown[]} */
let counted = [];

/** Has the pictures counted that the reader decided on, once all are looked at, and anew after each decision. @param {State} now */
export async function followLab(now) {
  const { others } = now.lab;
  if (!now.case.shown || !areAllRead(now)) {
    counted = [];
    if (now.lab.standing) changeLab({ standing: null });
    return;
  }
  const of = [now.case.label, others, ...now.rows.flatMap(({ answer, decision }) => [answer, decision])];
  if (of.length === counted.length && of.every((each, i) => each === counted[i])) return;
  counted = of;
  let standing;
  try {
    standing = parse((await run("judged", judged())).json);
  } catch (error) {
    standing = { pictures: 0, slides: 0, why: text("lab.uncounted", { why: sentence(error) }) };
  }
  if (of === counted) changeLab({ standing });
}

/** Takes saved cases to be fitted to, beside the list; or a profile. @param {File[]} files */
export async function giveCases(files) {
  for (const file of files) {
    try {
      if (!isJSON(file)) throw new Error(text("lab.nocase"));
      if (await isProfile(file)) await offerFile(file);
      else {
        const { label, pictures } = await caseIn(file);
        /** @type {Draft} */
        const other = { label, pictures: pictures.map(neededOf) };
        changeLab({ others: [...state.lab.others, other] });
      }
    } catch (error) {
      notify(`${file.name}: ${sentence(error)}`);
    }
  }
}

/** Leaves out the saved cases that were added. */
export function dropCases() {
  changeLab({ others: [] });
  soon(() => $("lab-heading").focus());
}

/** Fits a profile to what the reader decided. It is shown, and not used yet. */
export async function fit() {
  if (!canFit(state)) return;
  changeLab({ fitting: true, refusal: "" });
  try {
    offer(await run("profile", judged()), false);
  } catch (error) {
    changeLab({ refusal: sentence(error) });
    say(sentence(error), "lab");
  }
  changeLab({ fitting: false });
}

/** Shows a profile. @param {Jobs["profile"]["reply"]} reply @param {boolean} saved */
function offer({ json, file }, saved) {
  const { profile: says, correction } = parse(json);
  changeLab({ refusal: "" });
  offerProfile({ network: says.network.name, correction, says, file: new Blob([file], { type: "application/json" }), saved });
  say(text("lab.offered"), "lab");
  soon(() => $("lab-shown-heading").focus());
}

/** Whether a file is a profile. @param {File} file */
export async function isProfile(file) {
  return file.size < 1e5 && /"format":\s*"allnet profile/.test(await file.text());
}

/** Shows a profile that comes as a file; an error says why it cannot be used. @param {File} file */
export async function offerFile(file) {
  await whenGreeted();
  offer(await run("readProfile", { file: new Uint8Array(await file.arrayBuffer()) }), true);
  return true;
}

/** The profile that a saved case was read with: the one that is used, or else what the case holds of it. @param {Saved} saved @returns {LabProfile | null} */
export function ofCase({ network, correction }) {
  if (correction?.profile === state.profile?.correction.profile) return state.profile;
  return correction && { network, correction, says: null, file: null, saved: true };
}

/** Uses the profile that is shown, from now on and for all pictures. */
export function useOffered() {
  const { offered } = state.lab;
  if (!offered) return;
  nextOffered();
  useNetwork(offered.network, offered);
  soon(() => $("lab-shown-heading").focus());
}

/** Gives up the profile that is shown: one that is used, so that the network is as it is shipped again, and the profile is shown as one that is not used. */
export function stopUsing() {
  if (state.lab.offered) nextOffered();
  else useNetwork(state.network);
  soon(() => $("lab-heading").focus());
}

/** Saves the profile that is shown. */
export function saveProfile() {
  const shown = state.lab.offered ?? state.profile;
  if (!shown?.file) return;
  save(shown.file, fileName("profile", [shown.network, shortHash(shown.correction.profile)], "json"));
  shown.saved = true;
  update({});
}
