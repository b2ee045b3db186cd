import type { Id, Time } from "./basics.js";

/** How far an export has come. */
export interface ExportProgress {
  /** Projects that have begun. */
  projects: number;
  projectsInAll: number;
  entries: number;
  entriesInAll: number;
  bodies: number;
  /** Bytes that `next` has given. */
  bytes: number;
}
/** How much of a bundle is read. */
export interface BundleLimits {
  /** Bytes in all, decompressed: 512 MiB. */
  bytes: number;
  /** Bytes in one line: 256 MiB. */
  lineBytes: number;
  /** 2,000,000. */
  lines: number;
  /** How deep the JSON on a line is nested: 64. */
  depth: number;
  /** Bytes of a body: 1 MiB. */
  bodyBytes: number;
  /** How many times larger it gets by decompression: 200, looked at from 16 MiB on. */
  ratio: number;
}
/** How far an import has come. */
export interface ImportProgress {
  /** Bytes of the source that were read: of a file, so many of its `size`. */
  sourceBytes: number;
  /** Bytes that were checked, decompressed. */
  bytes: number;
  /** Projects that have begun. */
  projects: number;
  entries: number;
  bodies: number;
  /** Whether all was read and is now put into the store: it can't be ended any more. */
  isFinishing: boolean;
}
/** What an import has put into the store. */
export interface ImportReport {
  /** When and by whom the bundle was made. */
  exportedAt: Time;
  exportedBy: string;
  projects: ImportedProject[];
}
/** A project that came in a bundle. */
export interface ImportedProject {
  /** Its id here. */
  project: Id;
  /** Its id in the bundle: another one, if it is a copy. */
  from: Id;
  name: string;
  /** Where its journal ends. */
  revision: number;
  digest: string;
  entries: number;
  bodies: number;
}
