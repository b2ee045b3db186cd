/** How far an export has come. */
export interface ExportProgress {
  /** Projects that have begun. */
  projects: number;
  projects_in_all: number;
  entries: number;
  entries_in_all: number;
  bodies: number;
  /** Bytes that `next` has given. */
  bytes: number;
}
/** How to import. */
export interface ImportOptions {
  /** Under new ids, beside the projects that are there. */
  as_copies?: boolean;
  /** Brings back projects that were deleted. */
  revive?: boolean;
  /** How much is read before it is refused as `BUNDLE_TOO_LARGE`; what isn't there is as by default. */
  limits?: Partial<BundleLimits>;
}
export interface BundleLimits {
  /** Bytes in all, decompressed: 512 MiB. */
  bytes: number;
  /** Bytes in one line: 256 MiB. */
  line_bytes: number;
  /** 2,000,000. */
  lines: number;
  /** How deep the JSON on a line is nested: 64. */
  depth: number;
  /** Bytes of a body: 1 MiB. */
  body_bytes: number;
  /** How many times larger it gets by decompression: 200, looked at from 16 MiB on. */
  ratio: number;
}
/** How far an import has come. */
export interface ImportProgress {
  /** Bytes, decompressed. */
  bytes: number;
  /** Projects that have begun. */
  projects: number;
  entries: number;
  bodies: number;
}
/** What an import has put into the store. */
export interface ImportReport {
  /** When and by whom the bundle was made. */
  exported_at: Time;
  exported_by: string;
  projects: ImportedProject[];
}
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

