// What scripts/build-package.sh makes of wasm-bindgen's script: the same as a function, so that a
// module that broke can be started afresh.
import type { Holdpoint, setLogLevel } from "../wasm/holdpoint.js";

export interface Glue {
  readonly Holdpoint: typeof Holdpoint;
  readonly setLogLevel: typeof setLogLevel;
  /** What the module asks of JavaScript. */
  imports(): WebAssembly.Imports;
  /** Runs what the module does at its beginning. */
  start(exports: WebAssembly.Exports): void;
}

export function createGlue(): Glue;
