import { cell } from "./cell";

/** The address after the `#`: it works from a file, offline and after a reload alike. */
export type Route =
  | { view: "home" }
  | { view: "project"; project: string }
  | { view: "plan"; project: string; plan: string }
  | { view: "unknown"; address: string };

export const toHome = "#/";
export const toProject = (project: string): string => `#/p/${project}`;
export const toPlan = (project: string, plan: string): string => `#/p/${project}/plan/${plan}`;

const id = "([0-9A-Za-z]{26})";

function read(): Route {
  const address = location.hash.replace(/^#?\/?/, "");
  if (address === "") return { view: "home" };
  const plan = new RegExp(`^p/${id}/plan/${id}/?$`).exec(address);
  if (plan?.[1] && plan[2]) return { view: "plan", project: plan[1], plan: plan[2] };
  const project = new RegExp(`^p/${id}/?$`).exec(address);
  if (project?.[1]) return { view: "project", project: project[1] };
  return { view: "unknown", address };
}

export const route = cell<Route>(read());
addEventListener("hashchange", () => route.set(read()));

export function go(address: string): void {
  location.hash = address;
}
