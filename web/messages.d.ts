// The contract between page and program, as types: what is posted in each direction.
// wasm/main.go describes the same in words; wasm/jobs.go and lime/ make the values.

/** JSON text of a value. */
export type Json<T> = string & { readonly written?: T };

export type ClassName = "Benign" | "Early" | "Pre" | "Pro";

/** Why there is no answer. The program gives all but the last two; the page itself these, where the fault is not the picture's. */
export type Code = "unreadable" | "too small" | Check["code"] | "selfcheck" | "crashed";

// ---- from the program to the page, about itself

/** The first message of a worker that can be given jobs. */
export interface Ready {
  type: "ready";
  json: Json<Greeting>;
}

/** The first message of a worker that cannot. */
export interface Failed {
  type: "failed";
  message: string;
}

/** A worker that has ended: posted by worker/worker.js, or made by the bridge of the worker's error. */
export interface Exit {
  type: "exit";
  message: string;
}

export interface Greeting {
  program: Program;
  networks: Network[];
  examples: Example[];
  presets: Preset[];
  /** Name of the preset to begin with. */
  default: string;
  /** Of a second opinion, to begin with. */
  permutations: number;
  limits: Limits;
}

export interface Program {
  version: string;
  /** The commit of the source. */
  revision: string;
  go: string;
}

export interface Network {
  name: string;
  /** SHA-256 of the ONNX file. */
  weights: string;
  /** Whether it reads the cells of a picture that is made ready for it, or the whole picture as it is. */
  cells: boolean;
  /** Whether its weights stand apart from the program, which is given them with the first job that names it. */
  apart: boolean;
}

export interface Example {
  name: string;
  caption: string;
}

export interface Preset {
  name: string;
  settings: Settings;
}

export interface Limits {
  minSamples: number;
  maxSamples: number;
  maxFeatures: number;
  minPermutations: number;
  maxPermutations: number;
}

// ---- jobs

/** What every job is posted with, and its answer: by the job's name. */
export interface Jobs {
  example: { values: { name: string }; reply: { rgba: Uint8Array<ArrayBuffer> } };
  classify: {
    /** choices and field only for a network that reads cells; no field: the one with the most cells. */
    values: { network: string; name: string; choices?: Json<Choices>; field?: number } & Taught & Picture;
    /** rgba: the pixels of a field, none where nothing could be read; cells: which of them belong to which cell. */
    reply: { json: Json<Answer>; rgba?: Uint8Array<ArrayBuffer>; cells?: Uint8Array<ArrayBuffer> };
  };
  /** A frame of the camera, or its middle where the diameter of a red cell is known (else 0); labels: which of the field's pixels belong to which cell. */
  frame: {
    values: { network: string; rgba: Pixels; width: number; height: number; diameter: number; json: Json<Settings> } & Taught;
    reply: { json: Json<Frame>; labels?: Uint8Array<ArrayBuffer> };
  };
  /** A picture, or a part of it, as it is, at most so many pixels long. */
  original: {
    values: { most: number; part?: Json<Part> } & Picture;
    reply: { json: Json<{ width: number; height: number }>; rgba: Uint8Array<ArrayBuffer> };
  };
  /** Of some rows of a field, which pixel each is linked to by quickshift: 32 bits for each pixel. */
  links: {
    values: { rgba: Pixels; cells?: Uint8Array; json: Json<{ segmentation: Segmentation; from: number; to: number }> };
    reply: { links: Uint8Array<ArrayBuffer> };
  };
  explain: {
    /** links: of all rows, where others found them. */
    values: Field & { json: Json<Settings>; links?: Uint8Array };
    reply: { json: Json<Explained>; labels: Uint8Array<ArrayBuffer> };
  };
  shapley: {
    values: Field & { json: Json<{ explanation: Explanation; permutations: number }> };
    reply: { json: Json<SecondOpinion> };
  };
  draw: {
    values: { rgba: Pixels; labels: Uint8Array; json: Json<{ class: { coefficients: number[]; order: number[] }; features: number; gradCAM?: GradCAMMap }> };
    /** gradCAM: a layer as the others, where its map was sent. */
    reply: { json: Json<Drawing>; outline: Uint8Array<ArrayBuffer>; alone: Uint8Array<ArrayBuffer>; heat: Uint8Array<ArrayBuffer>; gradCAM?: Uint8Array<ArrayBuffer> };
  };
  /** What the pictures of a case say together: each as classify answered in short, with the tally of its cells and the reader's decision. */
  summarise: { values: { json: Json<{ rows: Row[] }> }; reply: { json: Json<Summary> } };
  /** A case: file and table are the bytes of its JSON and of its CSV, as `allnet case` writes them. */
  case: {
    values: { json: Json<Draft> };
    reply: { json: Json<{ summary: Summary }>; file: Uint8Array<ArrayBuffer>; table: Uint8Array<ArrayBuffer> };
  };
  /** How many pictures of cases the reader named a class for. */
  judged: { values: { json: Json<{ cases: Draft[] }> }; reply: { json: Json<Standing> } };
  /** A profile fitted to these; an error says why there is none. file: the bytes to be saved. */
  profile: { values: { json: Json<{ cases: Draft[] }> }; reply: { json: Json<FittedProfile>; file: Uint8Array<ArrayBuffer> } };
  /** A saved profile, for the network that it names; an error says what is wrong with it. */
  readProfile: { values: { file: Uint8Array }; reply: Jobs["profile"]["reply"] };
  /** A saved case, as bytes, beside its pictures, read and explained again with its choices, fields and settings. */
  compare: { values: { saved: Uint8Array; json: Json<Draft> }; reply: { json: Json<Comparison> } };
}

/** The field that is asked about, as classify answered with it; cells and scale where the network reads cells. */
export type Field = { network: string; rgba: Pixels; cells?: Uint8Array; scale?: number } & Taught;

/** What a laboratory taught the network that is asked. */
export type Taught = { correction?: Json<Correction> };

/** See model/correction.go; profile is the SHA-256 of the profile's file. */
export interface Correction {
  profile: string;
  matrix: number[][];
  bias: number[];
}

export interface Standing {
  pictures: number;
  slides: number;
  /** Why that is not enough; empty: it is. */
  why: string;
}

export interface FittedProfile {
  profile: Profile;
  correction: Correction;
}

/** What a reader knows better of a picture, and what is not to be done to it; see model/choices.go. */
export interface Choices {
  /** The part that is read, in pixels of the picture. */
  crop?: Part;
  /** Of a red cell, in pixels of the picture. */
  diameter?: number;
  /** The colour of empty ground. */
  ground?: [number, number, number];
  keepSize?: boolean;
  keepLight?: boolean;
  keepStain?: boolean;
}

export interface Part {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** What is to be classified: the bytes of a file, the pixels of a canvas, or a built-in drawing. */
export type Picture = { bytes: Uint8Array } | { rgba: Pixels; width: number; height: number } | { example: string };

/** Pixels as RGBA, opaque. */
export type Pixels = Uint8ClampedArray<ArrayBuffer>;

/** A job as it is posted; weights: those of its network, packed, where they stand apart and this worker was not given them yet. */
export type Job = { [J in keyof Jobs]: { id: number; job: J; weights?: Uint8Array } & Jobs[J]["values"] }[keyof Jobs];

/** What a worker is posted first, by payload.js: the compiled modules. */
export interface Modules {
  program: WebAssembly.Module;
  /** null where the browser has no SIMD. */
  kernels: WebAssembly.Module | null;
}

export interface Progress {
  id: number;
  type: "progress";
  stage: Stage;
  done: number;
  total: number;
}

export type Stage = "segmentation" | "tables" | "samples" | "permutations" | "coalitions";

/** memory: what the program has taken from the browser, in bytes. */
export type Done<J extends keyof Jobs = keyof Jobs> = { id: number; type: "done"; memory: number } & Jobs[J]["reply"];

/** A sentence to show; unfit where the network failed its self-check. */
export interface Fault {
  id: number;
  type: "error";
  memory: number;
  message: string;
  unfit: boolean;
}

/** All that the page may be told. */
export type Message = Ready | Failed | Exit | Progress | Done | Fault;

// ---- frame

/** What is said of a frame; see model/explain/frame.go. diameter and part, the side of what holds one field, are 0 where they are not known. */
export interface Frame {
  record: PictureRecord;
  diameter: number;
  part: number;
  field: Part | null;
  class: ClassExplanation | null;
}

// ---- classify

export interface Answer {
  record: PictureRecord;
  network: string;
  /** SHA-256 of the weights. */
  weights: string;
  /** The network's outputs before softmax; null where nothing could be read. */
  logits: number[] | null;
  /** What the logits were multiplied by before softmax; of an answer that the page made, none. */
  scale?: number;
  /** Whose pixels came with the answer; null where there is no field. */
  field?: number | null;
  /** Before preprocessing; null where nothing could be read. */
  picture: Described | null;
  /** SHA-256 of the calibration, empty where there is none. Of an answer that the page made, this and what follows is not there. */
  calibration?: string;
  source?: Source;
  /** As they were told; nothing is left out. */
  choices?: Told;
  /** What a laboratory taught the network; it is added to the scaled logits. */
  correction?: Correction | null;
  /** The cells of the field. */
  regions?: RegionMap | null;
  row?: Row;
}

/** What a picture was read from; see cases/answer.go. */
export interface Source {
  kind: "file" | "pixels" | "drawing";
  /** Name of a built-in drawing. */
  drawing?: string;
  sha256: string;
  bytes: number;
}

export interface Told {
  crop: Part | null;
  diameter: number;
  ground: [number, number, number] | null;
  keepSize: boolean;
  keepLight: boolean;
  keepStain: boolean;
}

/** A label map without loss; see cases/regions.go. */
export interface RegionMap {
  width: number;
  height: number;
  count: number;
  runs: string;
}

export interface Described {
  width: number;
  height: number;
  /** Empty for pixels. */
  format: string;
  /** Sentences. */
  notes: string[];
}

export type PictureRecord = Answered | Refused;

interface RecordBase {
  file: string;
  /** A sentence or two where there is no answer. */
  reason: string;
  checks?: Check[];
  /** Codes of what was changed or lost when the picture was read. */
  notes?: string[];
  /** How the picture was made ready, for a network that reads cells. */
  standardised?: Standardised;
  /** SHA-256 of the profile that corrected the network. */
  profile?: string;
}

export interface Standardised {
  steps: Step[];
  /** Of a red cell in the picture, as it was measured; 0: it was not. */
  diameter: number;
  error: number;
  scale: number;
  cells: number;
  fields: FieldRecord[];
  leftOut: number;
}

export interface Step {
  name: "crop" | "magnification" | "light" | "fields" | "cells" | "stain";
  changed: boolean;
  /** Whether it did what the reader said. */
  told: boolean;
  sentence: string;
}

export interface FieldRecord extends Part {
  cells: number;
  /** The part that it has in the answer. */
  weight: number;
  probabilities: Record<ClassName, number> | null;
}

export interface Answered extends RecordBase {
  abstained: false;
  predicted: ClassName;
  probabilities: Record<ClassName, number>;
  code?: undefined;
}

export interface Refused extends RecordBase {
  abstained: true;
  predicted: null;
  probabilities: null;
  code: Code;
}

export interface Check {
  code: "no cells" | "few cells" | "magnification" | "blurred" | "colours" | "stain" | "foreign" | "close";
  value: number;
  limit: number;
  passed: boolean;
}

// ---- explain

export interface Settings {
  hide: "mean" | "black" | "removed";
  target: "log-odds" | "probability";
  samples: number;
  features: number;
  seed: number;
  /** None: superpixels of quickshift, with the options of segmentation. */
  regions?: "cells";
  segmentation?: Segmentation;
}

export interface Segmentation {
  kernelSize: number;
  maxDist: number;
  ratio: number;
  seed: number;
}

export interface Explained {
  explanation: Explanation;
  evaluation: Evaluation;
  /** The warnings of each class, in words. */
  sentences: string[][];
  /** Of each class. */
  nuclei: Nuclei[];
  /** What the cells read as, where they are the regions. */
  readings: Readings | null;
  faithfulness: Faithfulness;
  /** What came of the test, in words: of each class, the most telling sentence first. */
  tested: string[][];
  /** Which pixel belongs to which region; of an explanation that an older page kept, none. */
  regions?: RegionMap;
}

/** What came of putting an explanation to the test; see lime/faithfulness.go and model/explain/faithfulness.go. */
export interface Faithfulness {
  superpixels: number;
  /** How many random orders were asked about. */
  orders: number;
  /** Of the most probable class. */
  removal: Removal;
  /** Of each class. */
  classes: ClassFaithfulness[];
  decisive: SuperpixelSet;
  /** Of each class. */
  gradCAM: GradCAM[];
}

export interface Removal {
  class: number;
  /** How many have to be hidden by weight until another class is the most probable one, and which is then; 0: none ever is. */
  byWeight: number;
  then: number;
  /** By how many half of the random orders have made another class the most probable one; 0: fewer than half ever do. */
  median: number;
  changed: number;
  later: number;
  /** Without the one, two, … that weigh most: the most probable class, and how many random orders keep it. */
  top: { class: number; randomKept: number }[];
}

/** Curves of a class's probability, from none to all superpixels. */
export interface ClassFaithfulness {
  class: number;
  deletion: OrderCurve;
  insertion: OrderCurve;
  /** With none, one, … all shown: for deletion it is read from its end. */
  random: { probabilities: number[]; area: number; standardError: number };
  /** With Shapley values from the same random orders, and their greatest standard error by the greatest value. */
  shapley: Agreement;
  relativeError: number;
}

export interface OrderCurve {
  probabilities: number[];
  area: number;
  /** Of how many random orders the weights' own is ahead. */
  ahead: number;
}

export interface SuperpixelSet {
  found: boolean;
  superpixels: number[];
  /** Whether no smaller set does it, or there is none; else it is the smallest that was found. */
  proven: boolean;
  tried: number;
  reading: Reading | null;
}

/** See model/explain/gradcam.go. */
export interface GradCAM {
  class: ClassName;
  map: GradCAMMap;
  /** Of each superpixel. */
  weights: number[];
  /** With LIME's weights. */
  agreement: Agreement;
}

export interface GradCAMMap {
  width: number;
  height: number;
  offset: number;
  stride: number;
  values: number[];
}

/** See model/explain/cells.go. */
export interface Readings {
  threshold: number;
  whole: Reading;
  empty: Reading;
  cells: { cell: number; alone: Reading; without: Reading }[];
  tally: Tally;
  decisive: CellSet;
  sufficient: CellSet;
}

/** How many cells read as what, each shown alone. */
export interface Tally {
  cells: number;
  classes: number[];
  neither: number;
}

/** What the network says of a field with some of its cells. */
export interface Reading {
  probabilities: number[];
  class: ClassName;
  neither: boolean;
}

export interface CellSet {
  found: boolean;
  cells: number[];
  /** Whether no smaller set does it, or there is none. */
  proven: boolean;
  tried: number;
  reading: Reading;
}

/** What the weights for one class make of the stained nuclei; see model/explain/nuclei.go. */
export interface Nuclei {
  class: ClassName;
  shown: number;
  holding: number;
  for: number;
  against: number;
  found: number;
}

export interface Evaluation {
  method: "tables" | "direct";
}

export interface Explanation {
  settings: Settings;
  superpixels: number;
  probabilities: number[];
  classes: ClassExplanation[];
}

export interface ClassExplanation {
  class: number;
  intercept: number;
  localPrediction: number;
  targetValue: number;
  r2: number;
  coefficients: number[];
  order: number[];
  samples: { probability: Spread; target: Spread };
  agreement: number;
  warnings: { code: string; severe: boolean; value: number }[];
  readable: boolean;
}

export interface Spread {
  mean: number;
  sd: number;
  min: number;
  max: number;
}

// ---- shapley

export interface SecondOpinion {
  shapley: Shapley;
  evaluation: Evaluation;
  /** Of each class. */
  agreement: Agreement[];
}

export interface Shapley {
  settings: { hide: Settings["hide"]; target: Settings["target"]; permutations: number; seed: number; regions?: "cells"; segmentation?: Segmentation };
  superpixels: number;
  /** Of all combinations of few regions: without any error. */
  exact?: boolean;
  classes: ClassShapley[];
}

export interface ClassShapley {
  class: number;
  base: number;
  full: number;
  values: number[];
  standardErrors: number[];
  order: number[];
  relativeError: number;
}

export interface Agreement {
  rankCorrelation: number;
  top: number;
  agree: boolean;
}

// ---- draw

export interface Drawing {
  regions: Region[];
  legend: { limit: number; ticks: number[] };
  /** Of Grad-CAM, where its map was sent. */
  gradCAM?: { limit: number; ticks: number[] };
}

export interface Region {
  superpixel: number;
  weight: number;
  area: number;
  share: number;
  /** How many of its pixels are stained nuclei, and whether that makes it hold one. */
  stained: number;
  nucleus: boolean;
  x: number;
  y: number;
  minX: number;
  minY: number;
  maxX: number;
  maxY: number;
}

// ---- cases; see cases/

/** What a case is made of. answer and explained are what the jobs answered with. */
export interface Draft {
  /** A number or a code, never a name; may be empty. */
  label: string;
  /** SHA-256 of this page, where it is known. */
  page?: string;
  pictures: CasePicture[];
}

/** A network as a case names it. */
export interface CaseNetwork {
  name: string;
  weights: string;
  calibration: string;
}

export interface CasePicture {
  answer: Answer;
  explained: Explained | null;
  decision: Decision | null;
}

export interface Decision {
  /** null: the reader cannot tell. */
  class: ClassName | null;
  /** Empty where it was not asked for, or there is no class. */
  certainty: "certain" | "probable" | "doubtful" | "";
  /** Made before the network's answer was seen. */
  blind: boolean;
  note: string;
}

export type Counts = Record<ClassName, number>;

/** A picture in short, as classify answers with it; the page adds tally and decision. */
export interface Row {
  sha256: string;
  predicted: ClassName | null;
  probability: number;
  code?: Code;
  /** Of several fields, how many read as what alone. */
  fields?: Counts;
  cells: number;
  tally?: Tally | null;
  decision?: Decision | null;
}

export interface Summary {
  pictures: number;
  /** Pictures whose bytes came before; they count for nothing else. */
  copies: number;
  assessed: number;
  answers: Counts;
  refused: { code: Code; pictures: number }[];
  /** Of assessed pictures, each field alone. */
  fields: Counts;
  /** Pictures whose fields disagree. */
  divided: number;
  cells: { found: number; pictures: number; read: number; as: Counts; neither: number; sentence: string };
  joint: Joint;
  reader: {
    judged: number;
    blind: number;
    named: Counts;
    cannotTell: number;
    agreement: Agreeing;
    blindAgreement: Agreeing;
  };
  /** Numbers of the rows: disagreements first, then the least certain. */
  order: number[];
}

export interface Joint {
  verdict: "agreed" | "none" | "refused" | "few" | "divided";
  class: ClassName | null;
  leading: ClassName | null;
  with: number;
  of: number;
  interval: [number, number];
  independent: [number, number];
  correlation: number;
  sentence: string;
}

/** Of reader and network. */
export interface Agreeing {
  pictures: number;
  /** Rows are the reader's classes, columns the network's. */
  confusion: number[][];
  agreed: number;
  /** Cohen's; null where it cannot be told. */
  kappa: number | null;
  /** 95 %; null, too, where its standard error is 0. */
  interval: [number, number] | null;
}

export interface Comparison {
  outcome: "same" | "differs" | "unknown";
  sentence: string;
  pictures: number;
  compared: number;
  differences: Difference[];
  /** Differences that are not listed. */
  more: number;
  /** Sentences. */
  causes: string[];
  missing: string[];
  unanswered: string[];
  added: string[];
  /** Sentences. */
  remarks: string[];
}

export interface Difference {
  /** Empty: the case's own. */
  file: string;
  path: string;
  saved: string;
  again: string;
  cause: "picture" | "weights" | "calibration" | "changed" | "build" | "unexplained";
}

/** What a laboratory taught a network; see cases/profile/file.go. */
export interface Profile {
  format: string;
  disclaimer: string;
  network: { name: string; weights: string; calibration: string };
  program: Program;
  classes: ClassName[];
  matrix: number[][];
  bias: number[];
  judgement: {
    pictures: number;
    slides: number;
    logLoss: number;
    correctedLogLoss: number;
    right: number;
    correctedRight: number;
    standardError: number;
  };
  /** What was told of all these pictures alike. */
  choices: Told | null;
}
