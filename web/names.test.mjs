import assert from "node:assert/strict";
import { test } from "node:test";
import { parted, savedName } from "./names.js";

test("a name is parted before its ending and the characters in front of it, and nothing is lost", () => {
  for (const [name, ending] of [
    ["smear-0042.png", "0042.png"], ["a.png", "a.png"], [".png", ".png"], ["WBC 10.2.tiff", "10.2.tiff"], ["Bild\u{1F9EA}\u{1F9EA}12.jpeg", "\u{1F9EA}\u{1F9EA}12.jpeg"],
    ["Pasted picture", ""], ["no ending.", ""], ["12.03.2024 slide", ""], ["x.averylongending", ""], ["", ""],
  ]) {
    assert.deepEqual(parted(name), [name.slice(0, name.length - ending.length), ending]);
  }
});

test("two things that differ are saved under two names", () => {
  assert.equal(savedName("smear.0042.png", ["robust", "heat", "Pro", "lime", "seed-1"], "png"), "smear.0042.robust.heat.Pro.lime.seed-1.allnet.png");
  assert.equal(savedName("Pasted picture", [], "json"), "Pasted picture.allnet.json");
});
