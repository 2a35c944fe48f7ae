// What the page itself holds, as types. What the program gives is in messages.d.ts.

import type * as m from "./messages";

export type Weighing = "lime" | "shapley";

export type View = "outline" | "alone" | "heat" | "gradCAM" | "picture";

export type EngineStatus = "starting" | "ready" | "failed";

/** Where a picture comes from: a file, a built-in drawing, or pixels that were pasted. */
export interface Source {
  file?: File;
  example?: string;
  /** Pixels as RGBA, which the browser holds outside of the page's memory. */
  pasted?: Blob;
  width?: number;
  height?: number;
}

/** A picture of the list. */
export interface Row {
  id: number;
  name: string;
  source: Source;
  status: "waiting" | "working" | "done";
  /**
   * What the chosen network says of it. Where the record is of no answer, logits and
   * explanation are none either: see keep.js.
   */
  answer: Answer | null;
  /** What was explained, by the network and its profile, with the number of the field where that is not the first; see placeOf. */
  explanations: Record<string, Explanation>;
  /** How good what was explained of it is, likewise; it stays where the explanation itself is made anew when it is needed. */
  trust: Record<string, Trust>;
  /** The answer that is being explained, without having been asked for; see isExplaining. */
  explaining: Answer | null;
  /** What of it was saved, likewise: the explanation, or null where there was none yet. */
  saved: Record<string, Explanation | null>;
  /** Address of its thumbnail; see thumbnail.js. */
  thumb: string | null;
  /** What the reader knows better of it; null: all is left to the program. */
  choices: m.Choices | null;
  /** The field that the reader chose to see. */
  field: number | null;
  /** How it was made ready the last time, while it is read again. */
  before: m.Standardised | null;
  /** What was explained of it as the program wrote it, likewise, packed, and kept by the browser outside of the page's memory; see texts.js. */
  texts: Record<string, Promise<Blob>>;
  /** The settings with which a saved case has it explained, which then hold for it without being asked for; see saved.js. */
  wanted: m.Settings | null;
  /** What the reader says of it, and what of that was saved with a case. */
  decision: m.Decision | null;
  decisionSaved: m.Decision | null;
  /** What the reader has entered where the answer is hidden until all is: see decision.js. */
  entered: Entered | null;
  /** What the reader read the first time that its answer was hidden; what is decided once it is shown changes nothing of that. */
  firstReading: m.Decision | null;
  /** Whether its answer was shown before it came into the list, by the live camera. */
  seen: boolean;
  /** Its class, where it is known: that of the folder which it lay in. */
  known: m.ClassName | null;
}

/** What a reader has entered so far: class is "none" where it cannot be told, "" where nothing was chosen. */
export interface Entered {
  class: m.ClassName | "none" | "";
  certainty: m.Decision["certainty"];
  note: string;
}

/** What of a picture stands in the table of the case. */
export interface Line {
  row: Row;
  /** How it is called now; see nameOf. */
  name: string;
  /** Hidden until the reader has decided. */
  veiled: boolean;
  predicted: m.ClassName | null;
  code: m.Code | "";
  probability: number | null;
  /** How many fields were read, and where these are several, as what. */
  parts: number | null;
  fields: m.Counts | null;
  cells: number | null;
  tally: m.Tally | null;
  trust: Trust | null;
  decision: m.Decision | null;
}

/** The columns of the table that can be sorted by; order is that of the summary. */
export type Column = "order" | "name" | "answer" | "certainty" | "fields" | "cells" | "alone" | "explained" | "reader";

export interface Filters {
  answer: m.ClassName | "abstained" | "";
  reason: m.Code | "";
  certainty: "low" | "middle" | "high" | "";
  reader: "none" | "differs" | "";
}

/** All pictures of the list as one case. */
export interface CaseView {
  /** Whether it is shown, in place of the one picture. */
  shown: boolean;
  /** A number or a code; empty. What is typed becomes it once the program has let it pass: whether that is being asked, and why it is refused. */
  label: string;
  naming: boolean;
  labelFault: string;
  /** SHA-256 of this page, where it was given its own file; empty. */
  page: string;
  /** What the pictures say together, and the ids of their rows in the order in which to look at them. */
  summary: m.Summary | null;
  order: number[];
  sorting: { by: Column; down: boolean };
  filters: Filters;
  /** How many pictures the table shows at most. */
  most: number;
  /** What is being written of it, and how far that is; null where nothing is. */
  writing: { what: "json" | "csv" | "zip" | "report"; done: number; total: number } | null;
  /** A case that was opened, and what came of computing it again, or the sentence that says why that failed; empty. */
  saved: Saved | null;
  comparison: m.Comparison | null;
  uncompared: string;
  /** Whether a test with pictures of known class is being done. */
  test: boolean;
}

/** A saved case, as far as it is needed to compute it again. */
export interface Saved {
  name: string;
  file: Blob;
  label: string;
  network: string;
  /** What corrected that network. */
  correction: m.Correction | null;
  pictures: SavedPicture[];
}

export interface SavedPicture {
  name: string;
  sha256: string;
  /** Name of a built-in drawing. */
  drawing: string;
  choices: m.Choices | null;
  field: number | null;
  settings: m.Settings | null;
  decision: m.Decision | null;
}

/** What a laboratory taught a network. */
export interface LabProfile {
  network: string;
  correction: m.Correction;
  /** What its file says of it, and the file; null where it is that of a saved case, which holds the correction alone. */
  says: m.Profile | null;
  file: Blob | null;
  /** Whether the file is kept anywhere but in this page. */
  saved: boolean;
}

/** What a profile can be fitted to, and what came of it. */
export interface Lab {
  /** Saved cases that were given for it, beside the list. */
  others: m.Draft[];
  /** How many pictures the reader decided on; null before all are looked at. */
  standing: m.Standing | null;
  fitting: boolean;
  /** A profile that was fitted or given, and waits for being used. */
  offered: LabProfile | null;
  /** Others that wait and are in no file, the next one last: see offerProfile. */
  behind: LabProfile[];
  /** Why there is none. */
  refusal: string;
}

/** The pixels of a field, side x side, and to which cell each belongs: 0 is the first, noCell none; null where whole pictures are read. */
export interface Seen {
  pixels: m.Pixels;
  cells: Uint16Array<ArrayBuffer> | null;
}

/** The selected picture before anything was done to it, perhaps smaller: width and height are those of the pixels. */
export interface Original {
  row: number;
  pixels: m.Pixels;
  width: number;
  height: number;
}

/** The magnifier over the picture: the place that it shows, in parts of the stage; how many times larger than the stage; and whether a finger moves it, which it must not lie under. */
export interface Magnifier {
  x: number;
  y: number;
  times: number;
  touch: boolean;
}

/** What pressing the original does: nothing but choosing a field, or telling how wide a red cell is, where the ground is empty, or which part is to be read. */
export type Tool = "look" | "measure" | "ground" | "part";

/** As the program gives it, or made by the page where the program could not be asked: network and weights may then be unknown. */
export type Answer = Omit<m.Answer, "network" | "weights"> & { network: string | null; weights: string | null };

/** An explanation with what belongs to it. It is never changed: another takes its place. */
export interface Explanation {
  value: m.Explained;
  /** The label of each pixel's superpixel. */
  labels: Uint16Array<ArrayBuffer>;
  second: m.SecondOpinion | null;
  /** Whether a second opinion went with the explanation that this one took the place of. */
  lost: boolean;
  /** Whether somebody asked for it: what is made at once is made anew when it is needed. */
  asked: boolean;
}

/** How good the explanation of a picture's answer is. */
export interface Trust {
  /** What came of its test, in a sentence. */
  tested: string;
  readable: boolean;
  r2: number;
  /** Between two halves of the samples; see ClassExplanation. */
  agreement: number;
  /** Of the regions that are shown for the answer, how many there are and how many hold a stained nucleus; null where all regions are cells. */
  nuclei: { shown: number; holding: number } | null;
  /** What its cells read as alone; null where that was not asked. */
  tally: m.Tally | null;
}

/** What is drawn: of which explanation, for which class, by whose weights. */
export interface Drawn extends m.Drawing {
  explanation: Explanation;
  class: m.ClassExplanation;
  by: Weighing;
  /** Whether the weights that are drawn can be read. */
  readable: boolean;
  /** How many regions are marked for the class, and against it. */
  features: number;
  layers: Partial<Record<View, m.Pixels>>;
}

export interface Progress {
  job: "explain" | "shapley";
  stage: m.Stage | "start";
  share: number;
  left: number;
}

/** The live camera. */
export interface Live {
  status: "asking" | "on" | "frozen";
  /** Those that there are, and the one that is on. */
  cameras: { id: string; label: string }[];
  camera: string;
  /** What is said of the frame that was looked at last. */
  reading: LiveReading | null;
  /** Frames a second that are looked at, and how many were. */
  rate: number;
  frames: number;
}

/** What is said of a frame: field is where its cells lie, in pixels of the frame; weights are those of the cells for the answer. */
export interface LiveReading {
  record: m.PictureRecord;
  size: m.Part;
  field: m.Part | null;
  labels: Uint16Array<ArrayBuffer> | null;
  weights: number[] | null;
  trust: { readable: boolean; r2: number } | null;
  /** The profile that corrected its network. */
  profile?: string;
}

export type SettingName = "samples" | "features" | "seed" | "permutations";

/** What was cleared from the list and can still be brought back. */
export interface Cleared {
  rows: Row[];
  selected: number | null;
  /** The rows that stay, where only some were removed. */
  left: Row[];
}

export interface State {
  engine: { status: EngineStatus; identity: m.Program | null; everReady: boolean };
  /** The networks that can be asked, as the program lists them, and the name of the one that is; empty before that. */
  networks: m.Network[];
  network: string;
  /** What a laboratory taught that network, while it is used. */
  profile: LabProfile | null;
  lab: Lab;
  /** Sentences about networks that failed their self-check here, by name: they are asked nothing more. */
  unfit: Record<string, string>;
  /** The built-in drawn pictures, as the program lists them, each with a thumb once it is drawn. */
  examples: (m.Example & { thumb?: string })[];
  /** Name of the one under the pointer or the focus. */
  example: string | null;
  /** The pictures in the order in which they came. */
  rows: Row[];
  selected: number | null;
  /** Whether only the rows are shown that could not be assessed. */
  only: boolean;
  /** Pixels of the selected picture, side x side. */
  pixels: m.Pixels | null;
  /** To which cell each of them belongs; see Seen. */
  cells: Uint16Array<ArrayBuffer> | null;
  /** Whether they could not be read again. */
  unseen: boolean;
  /** Whether the cells are outlined where no explanation is drawn, or its outlines are. */
  outlined: boolean;
  original: Original | null;
  tool: Tool;
  /** How much larger than its place the original is shown. */
  zoom: number;
  /** From where to where was drawn on the original, while it is, in pixels of the picture; or the place that the arrow keys point at. */
  stroke: { from: [number, number] | null; to: [number, number] } | null;
  magnifier: Magnifier | null;
  /** What of the original lies under it; null until it is there. */
  magnified: Original | null;
  /** What is drawn of the explanation of the selected picture. */
  drawn: Drawn | null;
  /** Whether the explanation of the selected picture could not be drawn, and nothing is. */
  undrawn: boolean;
  /** The class whose evidence is asked for; null: the predicted one, or none yet where there is no answer. */
  subject: m.ClassName | null;
  /** Whose weights are to be drawn where there are both. */
  by: Weighing;
  view: View;
  opacity: Partial<Record<View, number>>;
  /** Label of the region under the pointer or the focus, and of the one kept marked. */
  hovered: number | null;
  pinned: number | null;
  /** On which side of its row the marked region is shown, the picture being out of sight. */
  inset: "above" | "below" | null;
  allRegions: boolean;
  /** How far an explanation or a second opinion is, while one is being made. */
  progress: Progress | null;
  /** The live camera while it is on, or asked for. */
  live: Live | null;
  presets: m.Preset[];
  /** Whether pictures are explained as soon as they are read. */
  atOnce: boolean;
  /** Of the next explanation; null before the program has said what it has. */
  settings: m.Settings | null;
  limits: m.Limits | null;
  /** The settings whose fields hold something that cannot be used; it stays until it is mended. */
  invalid: SettingName[];
  /** Orders of the next second opinion. */
  permutations: number;
  /** Sentence in the error box. */
  notice: string;
  /** Sentence about what has happened to the list, and what of it can be undone. */
  note: string;
  cleared: Cleared | null;
  /** Whether answers stay hidden until the reader has decided. */
  readerFirst: boolean;
  /** SHA-256 of the pictures whose answers were shown. */
  shown: Set<string>;
  case: CaseView;
}
