import { useState } from "preact/hooks";
import type { Import } from "../importing";
import { toProject } from "../router";
import { ago, count, number, percent } from "../text";
import { Button, Foreign } from "./basics";
import { BringBackDialog } from "./BringBackDialog";
import { ProblemBox } from "./ProblemBox";

/** How a copy comes in that somebody opened, and what came of it. */
export function CopyRow({ row: { name, state } }: { row: Import }) {
  switch (state.phase) {
    case "opening":
      return (
        <>
          <span class="muted">
            {state.share < 1
              ? `reading and checking ${percent(Math.round(100 * state.share))}`
              : "putting it in…"}
          </span>
          <progress max={1} value={state.share} aria-label={`Opening ${name}`} />
          {state.share < 1 && (
            <Button
              kind="quiet"
              label={`Cancel opening ${name}`}
              onClick={state.cancel}
              testId="cancel-opening"
            >
              Cancel
            </Button>
          )}
        </>
      );
    case "opened": {
      const { projects, exportedAt, exportedBy } = state.report;
      const [first] = projects;
      const isCopy = projects.some(({ project, from }) => project !== from);
      return (
        <>
          <span class="muted">
            {count(projects.length, "project")}
            {isCopy && (projects.length === 1 ? ", as a new copy" : ", as new copies")}, saved{" "}
            {ago(exportedAt, Date.now())} by <Foreign text={exportedBy} />
          </span>
          {first && projects.length === 1 && (
            <a href={toProject(first.project)} aria-label={`Open ${name}`}>
              Open
            </a>
          )}
        </>
      );
    }
    case "cancelled":
      return <span class="muted">cancelled; nothing of it was taken in</span>;
    default:
      return null;
  }
}

/** What stands in the way of a copy, and the ways past it. */
export function WaysIn({
  name,
  state,
}: {
  name: string;
  state: Extract<Import["state"], { phase: "refused" }>;
}) {
  const [isAsking, setAsking] = useState(false);
  const { problem, project, again } = state;
  const isDeleted = problem.code === "REMOVED";
  return (
    <div class="ways-in">
      <ProblemBox
        problem={{ ...problem, message: isDeleted ? wasDeleted(project) : isHere(project) }}
        advice={
          isDeleted
            ? "Nothing was changed. Bring it back as it was when the copy was saved, or open the file as a new copy."
            : undefined
        }
      />
      <div class="buttons">
        <Button
          icon="plus"
          label={`Open as a new copy: ${name}`}
          onClick={() => again({ asCopies: true, bringsBack: false })}
          testId="open-as-copy"
        >
          Open as a new copy
        </Button>
        {!isDeleted && (
          <a class="button button-plain" href={toProject(project.project)} data-testid="go-to-it">
            Go to the one that is here
          </a>
        )}
        {isDeleted && (
          <Button
            icon="back"
            label={`Bring it back: ${name}`}
            onClick={() => setAsking(true)}
            testId="bring-back"
          >
            Bring it back…
          </Button>
        )}
      </div>
      {isAsking && (
        <BringBackDialog
          name={name}
          onClose={() => setAsking(false)}
          onConfirm={() => again({ asCopies: false, bringsBack: true })}
        />
      )}
    </div>
  );
}

type Project = Extract<Import["state"], { phase: "refused" }>["project"];

const isHere = ({ name, revision, inFile }: Project): string =>
  `${name === undefined ? "A project of this file" : `“${name}”`} is here already${at(
    revision,
  )}${inFile === undefined ? "" : `; the file has it at revision ${number(inFile)}`}.`;

const wasDeleted = ({ revision }: Project): string =>
  `A project of this file was deleted here${at(revision)}.`;

const at = (revision: number | undefined): string =>
  revision === undefined ? "" : `, at revision ${number(revision)}`;
