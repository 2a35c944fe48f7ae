// Folders that are given. Run: node --test web/

import assert from "node:assert/strict";
import { test } from "node:test";
import { chosen, classOf, filesIn, isJSON, isPicture, named } from "./folders.js";

const file = (name, type = "") => ({ name, type });
const entry = (fullPath, children) => {
  const name = fullPath.split("/").at(-1);
  if (!children) return { name, fullPath, isDirectory: false, file: (take) => take(file(name)) };
  const parts = [children.slice(0, 2), children.slice(2), []]; // a folder is told piece by piece
  return { name, fullPath, isDirectory: true, createReader: () => ({ readEntries: (take) => take(parts.shift() ?? []) }) };
};

test("all files of a folder are found, in folders too, but for what a desktop leaves", async () => {
  const found = await filesIn([entry("/smear", [entry("/smear/b.png"), entry("/smear/.hidden"), entry("/smear/a.png"), entry("/smear/Thumbs.db"), entry("/smear/Pro", [entry("/smear/Pro/c.png")])])]);
  assert.deepEqual(named(found).map(({ path, known }) => [path, known]), [["a.png", null], ["b.png", null], ["Pro/c.png", "Pro"]]);
});

test("files go by their paths below the one folder that was given; of several each keeps its own", () => {
  const of = (...paths) => named(paths.map((path) => ({ path, file: file(path) }))).map(({ path, known }) => `${path} ${known}`);
  assert.deepEqual(of("one/b.png", "one/a.png"), ["a.png null", "b.png null"]);
  assert.deepEqual(of("Benign/b.png", "Early/a.png").sort(), ["Benign/b.png Benign", "Early/a.png Early"]);
  assert.deepEqual(of("pre/x.png"), ["x.png Pre"], "its own folder's name tells the class");
  assert.deepEqual(of("one/a.png", "b.png"), ["b.png null", "one/a.png null"]);
});

test("where folders name classes, the order of the list names none, and is the same each time", () => {
  const paths = ["Benign", "Early", "Pre", "Pro"].flatMap((name) => Array.from({ length: 25 }, (_, i) => `${name}/smear ${i + 10}.png`));
  const of = (all) => named(all.map((path) => ({ path, file: file(path) })));
  const order = of(paths);
  assert.deepEqual(order.map(({ path }) => path).sort(), paths.toSorted());
  assert.deepEqual(of(paths.toReversed()), order);
  // Of pairs in a random order one in four is of one class, 25 of 99 with a standard deviation of 4; by folder it is 96.
  const pairs = order.filter(({ known }, i) => known === order[i + 1]?.known).length;
  assert.ok(pairs < 40, `${pairs} neighbours are of one class`);
  const firstHalf = ["Benign", "Early", "Pre", "Pro"].map((name) => order.slice(0, 50).filter(({ known }) => known === name).length);
  assert.ok(firstHalf.every((count) => count > 4 && count < 21), `${firstHalf}`);
  assert.deepEqual(of(["x/Pro/b.png", "x/notes/b.png", "x/notes/a.png"]).map(({ path }) => path), ["notes/a.png", "notes/b.png", "Pro/b.png"], "what is of no known class goes by its path");
});

test("a class is told by a folder of its name alone, not by a file's", () => {
  assert.equal(classOf("data/Early/x.png"), "Early");
  assert.equal(classOf("Pro.png"), null);
  assert.equal(classOf("Proband/x.png"), null);
});

test("pictures are told by name, cases by name or type", () => {
  assert.deepEqual([file("a.JPG"), file("a.tiff"), file("a.heic"), file("a", "image/png"), file("a.svg", "image/svg+xml"), file("a.csv"), file("a.json")].map(isPicture), [true, true, true, false, false, false, false]);
  assert.deepEqual([file("case.json"), file("x", "application/json"), file("a.png")].map(isJSON), [true, true, false]);
  assert.deepEqual(chosen([{ ...file("a.png"), webkitRelativePath: "d/.git/a.png" }, { ...file("b.png"), webkitRelativePath: "d/b.png" }]).map(({ path }) => path), ["d/b.png"]);
});
