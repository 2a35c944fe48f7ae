// Folders that were dropped or chosen: the pictures in them, by name, and how many files are none.

import { classes } from "./state.js";

/** @import {ClassName} from "./messages" */

/** A file with the path that it goes by, and the class that its folder names. @typedef {{ path: string, file: File, known: ClassName | null }} Found */

/** As `allnet case` has it: what a browser takes for a picture depends on its system. */
const pictureEnding = /\.(jpe?g|jfif|png|gif|bmp|dib|tiff?|webp|hei[cf]|avif|jxl)$/i;

/** Whether a file in a folder may be a picture, by its name. @param {File} file */
export function isPicture({ name }) {
  return pictureEnding.test(name);
}

/** Whether a file may be a saved case. @param {File} file */
export function isJSON({ name, type }) {
  return /\.json$/i.test(name) || type === "application/json";
}

/** What a desktop leaves in folders; as lab/dataset has it. @param {string} name */
function isLeftByDesktop(name) {
  return name.startsWith(".") || /^(thumbs\.db|desktop\.ini)$/i.test(name);
}

/** The class that one of a file's folders names. @param {string} path @returns {ClassName | null} */
export function classOf(path) {
  const folders = path.split("/").slice(0, -1).map((name) => name.toLowerCase());
  return classes.find((name) => folders.includes(name.toLowerCase())) ?? null;
}

/** A number that a path always has, and that tells nothing of it: FNV-1a, and the end of MurmurHash3, since paths that begin alike would lie near each other. @param {string} path */
function scattered(path) {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(path)) hash = Math.imul(hash ^ byte, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/**
 * Files by path, each with the class that its folder names. Where all lie in one folder, its
 * own name is no part of what they go by: so `allnet case` names them. Those of known class come last
 * and scattered: who is tested with them would learn the class from a neighbour.
 * @param {{ path: string, file: File }[]} files
 * @returns {Found[]}
 */
export function named(files) {
  const tops = new Set(files.map(({ path }) => path.slice(0, path.indexOf("/") + 1)));
  const [top] = tops;
  const below = tops.size === 1 ? top.length : 0;
  const found = files.map(({ path, file }) => ({ path: path.slice(below), file, known: classOf(path) })).sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  const places = new Map(found.map((each) => [each, each.known === null ? -1 : scattered(each.path)]));
  return found.sort((a, b) => (places.get(a) ?? 0) - (places.get(b) ?? 0));
}

/** All files of what was dropped, folders in folders too. @param {FileSystemEntry[]} entries @returns {Promise<{ path: string, file: File }[]>} */
export async function filesIn(entries) {
  const found = await Promise.all(entries.filter(({ name }) => !isLeftByDesktop(name)).map(async (entry) => {
    if (entry.isDirectory) return filesIn(await all(/** @type {FileSystemDirectoryEntry} */ (entry).createReader()));
    const file = await new Promise((take) => /** @type {FileSystemFileEntry} */ (entry).file(take, () => take(null)));
    return file ? [{ path: entry.fullPath.replace(/^\//, ""), file }] : []; // one that went away meanwhile
  }));
  return found.flat();
}

/** All that a folder holds: it is told piece by piece. @param {FileSystemDirectoryReader} reader @returns {Promise<FileSystemEntry[]>} */
async function all(reader) {
  /** @type {FileSystemEntry[]} */
  const entries = [];
  for (;;) {
    const more = await new Promise((take) => reader.readEntries(take, () => take([])));
    if (more.length === 0) return entries;
    entries.push(...more);
  }
}

/** Files of a folder that was chosen. @param {File[]} files */
export function chosen(files) {
  return files.filter(({ webkitRelativePath }) => !webkitRelativePath.split("/").some(isLeftByDesktop)).map((file) => ({ path: file.webkitRelativePath || file.name, file }));
}
