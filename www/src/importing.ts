import type { ImportedTrajectory, ImportReport } from "holdpoint";
import { announce } from "./announce";
import { cell } from "./cell";
import { type InTheWay, inTheWay, PageError, type Problem, problemOf } from "./problem";
import { holdpoint, readProject } from "./store";
import { bytes, count } from "./text";
// A sample comes with the page, so that one can try it with no file at hand.
import sampleUrl from "../../samples/parser-fix.traj?url";

const MAX_BYTES = 64 * 1024 * 1024;

/** A file on its way in. */
export interface Import {
  id: number;
  name: string;
  state:
    | { phase: "waiting" }
    /** `share` is between 0 and 1. */
    | { phase: "reading"; share: number }
    | { phase: "importing" }
    | { phase: "done"; imported: ImportedTrajectory }
    | { phase: "failed"; problem: Problem }
    /** A copy of projects: what it says is put into the store at the end, or nothing of it. */
    | { phase: "opening"; share: number; cancel: () => void }
    | { phase: "opened"; report: ImportReport }
    /** A project stands in the way. There are ways that still lead in: `again` goes one. */
    | {
        phase: "refused";
        problem: Problem;
        project: InTheWay & { name: string | undefined };
        again: (way: Way) => void;
      }
    | { phase: "cancelled" };
}

/** All that was imported in this visit, whatever view is open. */
export const imports = cell<readonly Import[]>([]);

let lastId = 0;
let queue = Promise.resolve();

/** Takes files in, one after the other. What becomes of each stands in `imports`. */
export function importFiles(files: Iterable<File>): void {
  for (const file of files) {
    lastId += 1;
    const id = lastId;
    imports.set([...imports.value, { id, name: file.name, state: { phase: "waiting" } }]);
    queue = queue.then(() => importFile(id, file));
  }
}

export function dismissImport(id: number): void {
  imports.set(imports.value.filter((row) => row.id !== id));
}

export async function importSample(): Promise<ImportedTrajectory> {
  const name = "parser-fix.traj";
  const response = await fetch(sampleUrl).catch(() => undefined);
  if (!response?.ok) throw new PageError("SAMPLE_MISSING", "The sample could not be loaded.");
  return holdpoint().importTrajectory(await response.text(), name);
}

function set(id: number, state: Import["state"]): void {
  imports.set(imports.value.map((row) => (row.id === id ? { ...row, state } : row)));
}

const PLAIN_START = '{"type":"holdpoint_bundle"';
const GZIP_START = [0x1f, 0x8b];

/** What a file is, by its first bytes; nothing if it can't be read, or is no copy. */
async function kindOf(file: File): Promise<"plain" | "compressed" | undefined> {
  const start = new Uint8Array(
    await file
      .slice(0, PLAIN_START.length)
      .arrayBuffer()
      .catch(() => new ArrayBuffer(0)),
  );
  if (GZIP_START.every((byte, index) => start[index] === byte)) return "compressed";
  return new TextDecoder().decode(start) === PLAIN_START ? "plain" : undefined;
}

/** How a copy comes in where something stands in the way. */
export interface Way {
  asCopies: boolean;
  bringsBack: boolean;
}

/** A copy that was saved before, or a trajectory: which one, the file itself says. */
async function importFile(id: number, file: File): Promise<void> {
  if ((await kindOf(file)) === undefined) await importTrajectory(id, file);
  else await openCopy(id, file, { asCopies: false, bringsBack: false });
}

/** Codes of what stands in the way and may be let by. */
const waysIn = ["PROJECT_EXISTS", "REMOVED"];

async function openCopy(id: number, file: File, way: Way): Promise<void> {
  const end = new AbortController();
  const cancel = (): void => end.abort();
  const tell = (share: number): void => set(id, { phase: "opening", share, cancel });
  try {
    tell(0);
    if (typeof DecompressionStream !== "function" && (await kindOf(file)) === "compressed") {
      throw new PageError("NOT_DECOMPRESSED", "This browser can’t open compressed files.");
    }
    let told = 0;
    const report = await holdpoint().importBundle(file, {
      asCopies: way.asCopies,
      revive: way.bringsBack,
      signal: end.signal,
      onProgress: ({ sourceBytes, isFinishing }) => {
        if (!isFinishing && performance.now() - told < 50) return;
        told = performance.now();
        // The whole is told when it is written.
        tell(isFinishing ? 1 : Math.min(sourceBytes / Math.max(file.size, 1), 0.99));
      },
    });
    set(id, { phase: "opened", report });
    announce(`${file.name} opened: ${count(report.projects.length, "project")}`);
  } catch (error) {
    const problem = problemOf(error);
    const project = waysIn.includes(problem.code) ? inTheWay(error) : undefined;
    const again = (next: Way): void => {
      set(id, { phase: "waiting" });
      queue = queue.then(() => openCopy(id, file, next));
    };
    if (end.signal.aborted) {
      set(id, { phase: "cancelled" });
      announce(`${file.name}: cancelled`);
    } else if (project) {
      const name = await nameOf(project.project);
      set(id, { phase: "refused", problem, project: { ...project, name }, again });
    } else {
      set(id, { phase: "failed", problem });
    }
  }
}

/** How a project is called here, if it is here. */
const nameOf = (project: string): Promise<string | undefined> =>
  readProject(project).then(
    ({ name }) => name,
    () => undefined,
  );

async function importTrajectory(id: number, file: File): Promise<void> {
  try {
    if (file.size > MAX_BYTES) {
      throw new PageError("FILE_TOO_LARGE", `The file has ${bytes(file.size)}.`);
    }
    const text = await read(file, (share) => set(id, { phase: "reading", share }));
    set(id, { phase: "importing" });
    // The import may take a while in which nothing is drawn: that it began is to be seen first.
    await drawn();
    const imported = await holdpoint().importTrajectory(text, file.name);
    set(id, { phase: "done", imported });
    announce(`${file.name} imported: ${count(imported.steps, "step")}`);
  } catch (error) {
    set(id, { phase: "failed", problem: problemOf(error) });
  }
}

async function read(file: File, tell: (share: number) => void): Promise<string> {
  // A text that isn't UTF-8 is refused: replaced characters would be a silent loss.
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const reader = file.stream().getReader();
  let text = "";
  let size = 0;
  let told = performance.now();
  for (;;) {
    const { done, value } = await reader.read().catch((error: unknown) => {
      throw new PageError("FILE_UNREADABLE", problemOf(error).message);
    });
    try {
      text += decoder.decode(value, { stream: !done });
    } catch {
      void reader.cancel();
      throw new PageError("TRAJECTORY_INVALID", "The file isn’t a text in UTF-8.");
    }
    if (done) return text;
    size += value.length;
    if (performance.now() - told > 50) {
      told = performance.now();
      tell(size / file.size);
    }
  }
}

/** When the page has been drawn; soon, if it is hidden and isn't drawn. */
function drawn(): Promise<void> {
  return new Promise((resolve) => {
    if (document.hidden) setTimeout(resolve);
    else requestAnimationFrame(() => setTimeout(resolve));
  });
}
