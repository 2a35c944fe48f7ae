// The contract between page and program, as types: what is posted in each direction.
// wasm/main.go describes the same in words; wasm/jobs.go and lime/ make the values.

/** JSON text of a value. */
export type Json<T> = string & { readonly written?: T };

export type ClassName = "Benign" | "Early" | "Pre" | "Pro";

/** Why there is no answer. The program gives the first five; the page itself the others, where the fault is not the picture's. */
export type Code = "unreadable" | "blurred" | "colours" | "foreign" | "close" | "selfcheck" | "crashed";

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
    values: { network: string; name: string } & Picture;
    /** rgba: the pixels that the network saw; none where nothing could be read. */
    reply: { json: Json<Answer>; rgba?: Uint8Array<ArrayBuffer> };
  };
  explain: {
    values: { network: string; rgba: Pixels; json: Json<Settings> };
    reply: { json: Json<Explained>; labels: Uint8Array<ArrayBuffer> };
  };
  shapley: {
    values: { network: string; rgba: Pixels; json: Json<{ explanation: Explanation; permutations: number }> };
    reply: { json: Json<SecondOpinion> };
  };
  draw: {
    values: { rgba: Pixels; labels: Uint8Array; json: Json<{ class: { coefficients: number[]; order: number[] }; features: number }> };
    reply: { json: Json<Drawing>; outline: Uint8Array<ArrayBuffer>; alone: Uint8Array<ArrayBuffer>; heat: Uint8Array<ArrayBuffer> };
  };
}

/** What is to be classified: the bytes of a file, the pixels of a canvas, or a built-in drawing. */
export type Picture = { bytes: Uint8Array } | { rgba: Pixels; width: number; height: number } | { example: string };

/** Pixels as RGBA, opaque. */
export type Pixels = Uint8ClampedArray<ArrayBuffer>;

/** A job as it is posted. */
export type Job = { [J in keyof Jobs]: { id: number; job: J } & Jobs[J]["values"] }[keyof Jobs];

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

export type Stage = "segmentation" | "tables" | "samples" | "permutations";

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

// ---- classify

export interface Answer {
  record: PictureRecord;
  network: string;
  /** SHA-256 of the weights. */
  weights: string;
  /** The network's outputs before softmax; null where nothing could be read. */
  logits: number[] | null;
  /** Before preprocessing; null where nothing could be read. */
  picture: Described | null;
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
  code: "blurred" | "colours" | "foreign" | "close";
  value: number;
  limit: number;
  passed: boolean;
}

// ---- explain

export interface Settings {
  hide: "mean" | "black";
  target: "log-odds" | "probability";
  samples: number;
  features: number;
  seed: number;
  segmentation: Segmentation;
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
  settings: { hide: Settings["hide"]; target: Settings["target"]; permutations: number; seed: number; segmentation: Segmentation };
  superpixels: number;
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
