// Names of files: of those that are given, and of those that are saved; and saving them.

/** How many characters of a name are kept together with its ending: names of pictures differ there. */
const together = 4;

/** The longest ending that is one: what follows another point is a part of the name. */
const longestEnding = 6;

/**
 * A name in two parts between which a line may be broken: the second, which is not to
 * be broken, is the ending with the last characters before it. It is empty where there is none.
 * @param {string} name
 * @returns {[string, string]}
 */
export function parted(name) {
  const ending = new RegExp(`.{0,${together}}\\.\\w{1,${longestEnding}}$`, "su").exec(name);
  return ending ? [name.slice(0, ending.index), ending[0]] : [name, ""];
}

/**
 * The name under which something of a picture is saved: parts say what it is, so that
 * two things that differ do not have one name.
 * @param {string} picture
 * @param {string[]} parts
 * @param {string} ending
 */
export function savedName(picture, parts, ending) {
  return fileName(picture.replace(/\.\w+$/, ""), parts, ending);
}

/** The name under which something of a whole is saved, which has no ending of its own. @param {string} whole @param {string[]} parts @param {string} ending */
export function fileName(whole, parts, ending) {
  return [whole.replace(/[/\\]/g, "-"), ...parts, "allnet", ending].join(".");
}

/** Saves a file under a name. @param {Blob} blob @param {string} name */
export function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}
