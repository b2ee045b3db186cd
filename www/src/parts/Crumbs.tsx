import type { Id } from "holdpoint";
import { toHome, toProject } from "../router";
import { Foreign } from "./basics";

/** The way back: to all work, and to the project that a view is of, once its name is known. */
export function Crumbs({ project, name }: { project?: Id; name?: string | undefined }) {
  return (
    <nav class="crumbs" aria-label="Where you are">
      <a href={toHome}>Your work</a>
      {project !== undefined && name !== undefined && (
        <a href={toProject(project)} data-testid="to-project">
          <Foreign text={name} />
        </a>
      )}
    </nav>
  );
}
