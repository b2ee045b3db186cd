import { cell } from "./cell";

/** The address after the `#`: it works from a file, offline and after a reload alike. */
export type Route =
  | { view: "home" }
  | { view: "inbox" }
  /** In figures: one project, or all there is. */
  | { view: "figures"; project: string | undefined }
  | { view: "project"; project: string }
  | { view: "context"; project: string }
  | { view: "compare"; project: string; from: string | undefined; to: string | undefined }
  | { view: "plan"; project: string; plan: string }
  | { view: "unknown"; address: string };

export const toHome = "#/";
export const toInbox = "#/inbox";
/** In figures: one project, or all there is. */
export const toFigures = (project?: string): string =>
  project === undefined ? "#/figures" : `#/p/${project}/figures`;
export const toProject = (project: string): string => `#/p/${project}`;
export const toPlan = (project: string, plan: string): string => `#/p/${project}/plan/${plan}`;
export const toContext = (project: string): string => `#/p/${project}/context`;
/** What differs between two points of a project: checkpoints, `@` and a revision, or `now`. */
export const toCompare = (project: string, ...points: string[]): string =>
  ["#/p", project, "compare", ...points].join("/");

const id = "([0-9A-Za-z]{26})";
const point = "([0-9A-Za-z]{26}|@[0-9]{1,16}|now)";

function read(): Route {
  const address = location.hash.replace(/^#?\/?/, "");
  if (address === "") return { view: "home" };
  if (/^inbox\/?$/.test(address)) return { view: "inbox" };
  const plan = new RegExp(`^p/${id}/plan/${id}/?$`).exec(address);
  if (plan?.[1] && plan[2]) return { view: "plan", project: plan[1], plan: plan[2] };
  const compare = new RegExp(`^p/${id}/compare(?:/${point}(?:/${point})?)?/?$`).exec(address);
  if (compare?.[1]) {
    return { view: "compare", project: compare[1], from: compare[2], to: compare[3] };
  }
  if (/^figures\/?$/.test(address)) return { view: "figures", project: undefined };
  const figures = new RegExp(`^p/${id}/figures/?$`).exec(address);
  if (figures?.[1]) return { view: "figures", project: figures[1] };
  const context = new RegExp(`^p/${id}/context/?$`).exec(address);
  if (context?.[1]) return { view: "context", project: context[1] };
  const project = new RegExp(`^p/${id}/?$`).exec(address);
  if (project?.[1]) return { view: "project", project: project[1] };
  return { view: "unknown", address };
}

export const route = cell<Route>(read());
addEventListener("hashchange", () => route.set(read()));

export function go(address: string): void {
  location.hash = address;
}

/** Goes there in place of where it is: the way back leads past it. */
export function replace(address: string): void {
  location.replace(address);
}
