// The elements of index.html that are more than an HTMLElement to the scripts, by id.

export interface Elements {
  "cancel": HTMLButtonElement;
  "cells-canvas": HTMLCanvasElement;
  "checks-box": HTMLDetailsElement;
  "classes": HTMLFieldSetElement;
  "camera-input": HTMLInputElement;
  "copy-json": HTMLButtonElement;
  "explain": HTMLButtonElement;
  "ask-second": HTMLButtonElement;
  "at-once": HTMLInputElement;
  "file-input": HTMLInputElement;
  "highlight-canvas": HTMLCanvasElement;
  "how-far": HTMLAnchorElement;
  "layer-canvas": HTMLCanvasElement;
  "live-camera": HTMLSelectElement;
  "live-canvas": HTMLCanvasElement;
  "live-freeze": HTMLButtonElement;
  "live-take": HTMLButtonElement;
  "live-video": HTMLVideoElement;
  "networks": HTMLFieldSetElement;
  "original-box": HTMLDetailsElement;
  "original-canvas": HTMLCanvasElement;
  "outlined": HTMLInputElement;
  "numbers-box": HTMLDetailsElement;
  "opacity": HTMLInputElement;
  "picture-canvas": HTMLCanvasElement;
  "preset": HTMLSelectElement;
  "progress": HTMLProgressElement;
  "save-json": HTMLButtonElement;
  "save-png": HTMLButtonElement;
  "set-hide": HTMLSelectElement;
  "set-target": HTMLSelectElement;
  "set-samples": HTMLInputElement;
  "set-features": HTMLInputElement;
  "set-seed": HTMLInputElement;
  "set-permutations": HTMLInputElement;
  "shortcuts": HTMLInputElement;
  "told-all": HTMLButtonElement;
  "told-diameter": HTMLInputElement;
  "told-form": HTMLFormElement;
  "told-height": HTMLInputElement;
  "told-reset": HTMLButtonElement;
  "told-use": HTMLButtonElement;
  "told-width": HTMLInputElement;
  "told-x": HTMLInputElement;
  "told-y": HTMLInputElement;
  "views": HTMLFieldSetElement;
  "weights-by": HTMLFieldSetElement;
  "zoom": HTMLSelectElement;
}

export type ElementOf<Id extends string> = Id extends keyof Elements ? Elements[Id] : HTMLElement;
