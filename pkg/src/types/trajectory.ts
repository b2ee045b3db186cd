import type { StepDone } from "./reports.js";

/** What became of one step of an imported trajectory. */
export interface Played extends StepDone {
  title: string;
}
