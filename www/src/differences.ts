import type { Change, PlanState, ProjectStatus, StepState } from "holdpoint";
import { beginning, count, date, number, visible } from "./text";
import { gates, planField, planState, projectStatus, stepState } from "./words";

/** What differs in one thing: a plan, an agent's context, … */
export interface Difference {
  change: Change;
  /** What differs, in words. */
  what: string;
  before: string | undefined;
  after: string | undefined;
  /** It only follows from something else: a counter, a time. */
  isMinor: boolean;
}

export interface Group {
  key: string;
  title: string;
  differences: Difference[];
}

/** How things are called on the page, by their ids; what the difference calls them, if they are gone. */
export interface Names {
  plan(id: string, label: string): string;
  checkpoint(id: string, label: string): string;
}

/** What differs, by what it belongs to: the project, its plans, its agents, the rest. */
export function grouped(changes: readonly Change[], names: Names): Group[] {
  const groups = new Map<string, Group>();
  for (const change of changes) {
    const { key, title, ...difference } = read(change, names);
    const group = groups.get(key) ?? { key, title, differences: [] };
    groups.set(key, group);
    group.differences.push({ change, ...difference });
  }
  const order = ["project", "plans", "agents", "checkpoints", "redacted"];
  const rank = ({ key }: Group): number => order.indexOf(key.split("/")[0] ?? "");
  // A plan's title is that of its own changes, whichever came first.
  return [...groups.values()].sort((a, b) => rank(a) - rank(b));
}

type Read = Omit<Difference, "change"> & Pick<Group, "key" | "title">;

function read(change: Change, names: Names): Read {
  const { path, label } = change;
  const [kind, id = "", field, index, stepField] = path.split("/");
  const said = (
    what: string,
    show: (value: Value) => string = plain,
    isMinor = false,
  ): Omit<Read, "key" | "title"> => ({
    what,
    before: change.before === null ? undefined : show(change.before),
    after: change.after === null ? undefined : show(change.after),
    isMinor,
  });
  switch (kind) {
    case "plans": {
      const ofPlan = {
        key: `plans/${id}`,
        title: names.plan(id, field === undefined ? label : ""),
      };
      if (field === undefined) return { ...ofPlan, ...said("The plan", planStateWord) };
      if (field === "verdicts") {
        const [gate] = Object.entries(gates).find(([name]) => name === label) ?? [];
        const decision = (passed: Value): string => (passed === true ? "passed" : "sent back");
        return { ...ofPlan, ...said(`Decision ${index}: ${gate ?? label}`, decision) };
      }
      if (field === "steps") return { ...ofPlan, ...ofStep(Number(index), stepField, label, said) };
      return { ...ofPlan, ...said(planField(field), planValue(field), minor.has(field)) };
    }
    case "items": {
      // The label is the agent and the kind.
      const cut = label.lastIndexOf(", ");
      const agent = cut < 0 ? label : label.slice(0, cut);
      const item = `${cut < 0 ? "item" : label.slice(cut + 2)} …${id.slice(-6)}`;
      const ofAgent = { key: `agents/${agent}`, title: `Context of ${visible(agent, true)}` };
      if (field === undefined) return { ...ofAgent, ...said(`Item ${item}`, textWord) };
      return {
        ...ofAgent,
        ...said(`Item ${item}: ${itemFields[field] ?? field}`, itemValue(field), minor.has(field)),
      };
    }
    case "agents":
      return {
        key: `agents/${label}`,
        title: `Context of ${visible(label, true)}`,
        ...said(path === `agents/${label}` ? "The agent, with a limit of" : "Its limit", (limit) =>
          count(Number(limit), "token"),
        ),
      };
    case "checkpoints":
      return {
        key: "checkpoints",
        title: "Checkpoints",
        ...said(
          `“${names.checkpoint(id, label)}”${field === undefined ? "" : `: ${field}`}`,
          (value) => (field === undefined ? `of revision ${plain(value)}` : plain(value)),
        ),
      };
    case "redacted":
      return {
        key: "redacted",
        title: "Texts removed for good",
        ...said(`A text, by ${label}`, (time) => date(String(time))),
      };
    default:
      return {
        key: "project",
        title: "The project",
        ...said(projectFields[path] ?? path, projectValue(path)),
      };
  }
}

type Value = string | number | boolean;

function ofStep(
  index: number,
  field: string | undefined,
  label: string,
  said: (
    what: string,
    show?: (value: Value) => string,
    isMinor?: boolean,
  ) => Omit<Read, "key" | "title">,
): Omit<Read, "key" | "title"> {
  const step = `Step ${number(index + 1)}`;
  if (field === undefined) return said(step);
  const what = `${step} “${beginning(label, 60)}”: ${stepFields[field] ?? field}`;
  const show =
    field === "state"
      ? (value: Value) => stepState[value as StepState]?.toLowerCase() ?? plain(value)
      : field === "output"
        ? textWord
        : timeOr(plain);
  return said(what, show, minor.has(field));
}

const minor = new Set([
  "access_count",
  "attempt",
  "ended_at",
  "last_accessed",
  "last_attempt",
  "last_checkpoint_id",
  "last_submission",
  "started_at",
]);

const stepFields: Record<string, string> = {
  attempt: "attempt",
  ended_at: "ended",
  error: "error",
  failures: "failures",
  output: "output",
  started_at: "started",
  state: "how far it is",
};

const itemFields: Record<string, string> = {
  access_count: "how often it was used",
  archived: "archived",
  last_accessed: "last used",
  pinned: "pinned",
};

const projectFields: Record<string, string> = {
  name: "Its name",
  pause: "Its pause",
  status: "Its status",
};

function plain(value: Value): string {
  if (typeof value === "boolean") return value ? "yes" : "no";
  return typeof value === "number" ? number(value) : value;
}

const isTime = (text: string): boolean => /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(text);

const timeOr =
  (show: (value: Value) => string) =>
  (value: Value): string =>
    typeof value === "string" && isTime(value) ? date(value) : show(value);

/** A text that is kept elsewhere is known by its digest. */
const textWord = (digest: Value): string => `text …${String(digest).slice(-8)}`;

const planStateWord = (state: Value): string =>
  planState[state as PlanState]?.word.toLowerCase() ?? plain(state);

function planValue(field: string): (value: Value) => string {
  switch (field) {
    case "state":
    case "cancelled_from":
      return planStateWord;
    case "last_completed_step":
      return (step) => (Number(step) < 0 ? "none" : `step ${number(Number(step) + 1)}`);
    case "last_checkpoint_id":
      return (id) => `…${String(id).slice(-6)}`;
    default:
      return timeOr(plain);
  }
}

const itemValue = (_field: string) => timeOr(plain);

const projectValue = (path: string) =>
  path === "status"
    ? (status: Value) => projectStatus[status as ProjectStatus]?.word.toLowerCase() ?? plain(status)
    : path === "pause"
      ? (time: Value) => `since ${date(String(time))}`
      : plain;
