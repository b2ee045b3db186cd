import type { CheckpointRow, Point, ProjectView } from "holdpoint";
import { useState } from "preact/hooks";
import { useCheckpoints } from "../checkpoints";
import { isGone, useLive, useProject } from "../live";
import { Crumbs } from "../parts/Crumbs";
import { Loading } from "../parts/basics";
import { Differences } from "../parts/Differences";
import { Field, Pick } from "../parts/Form";
import { Missing } from "../parts/Missing";
import { ProblemBox } from "../parts/ProblemBox";
import { Title } from "../parts/Title";
import { replace, toCompare } from "../router";
import { projectOf } from "../store";
import { ago, beginning, count, number } from "../text";
import { nameOf } from "../words";

/** What differs between two points of a project's past, or one of them and now. */
export function Compare({
  id,
  from,
  to,
}: {
  id: string;
  from: string | undefined;
  to: string | undefined;
}) {
  const live = useProject(id);
  const checkpoints = useCheckpoints(id);
  const project = live.data;
  if (isGone(live.problem)) {
    return <Missing title="No such project" text="It was deleted, or the address is wrong." />;
  }
  return (
    <>
      <Crumbs project={id} name={project?.name} />
      <ProblemBox problem={live.problem ?? checkpoints.problem} onAgain={live.again} />
      {project && checkpoints.data ? (
        <Points
          project={project}
          checkpoints={checkpoints.data}
          from={from ?? checkpoints.data[0]?.id ?? "@1"}
          to={to ?? "now"}
        />
      ) : (
        !live.problem && <Loading what="the project" />
      )}
    </>
  );
}

function Points({
  project,
  checkpoints,
  from,
  to,
}: {
  project: ProjectView;
  checkpoints: readonly CheckpointRow[];
  from: Point;
  to: Point;
}) {
  const id = project.id;
  const { data, problem, again } = useLive(id, ["diff", from, to], async () =>
    (await projectOf(id)).diff(from, to),
  );
  const names = {
    plan: (plan: string, label: string): string => {
      const found = project.planList.find((row) => row.id === plan);
      const request = beginning(found ? found.request : label, 80);
      const which = found ? number(found.number) : `…${plan.slice(-6)}`;
      return `Plan ${which}${request && `: ${request}`}`;
    },
    checkpoint: (checkpoint: string, label: string): string => {
      const found = checkpoints.find((row) => row.id === checkpoint);
      return found ? nameOf(found) : label;
    },
  };
  return (
    <>
      <header class="view-head">
        <Title text="What changed" />
      </header>
      <section class="card points" aria-label="Which points">
        <PointPick
          label="From"
          value={from}
          checkpoints={checkpoints}
          newest={project.revision}
          onPick={(point) => replace(toCompare(id, point, to))}
          testId="compare-from"
        />
        <PointPick
          label="To"
          value={to}
          checkpoints={checkpoints}
          newest={project.revision}
          onPick={(point) => replace(toCompare(id, from, point))}
          testId="compare-to"
        />
      </section>
      <ProblemBox problem={problem} onAgain={again} />
      {!data && !problem && <Loading what="what differs" />}
      {data && !problem && (
        <div class="column" data-testid="differences" data-from={data.from} data-to={data.to}>
          <p class="lead" role="status">
            {data.changes.length === 0
              ? "Nothing differs"
              : count(data.changes.length, "difference")}{" "}
            between revision {number(data.from)} and revision {number(data.to)}.
          </p>
          <Differences changes={data.changes} names={names} />
        </div>
      )}
    </>
  );
}

/** Now, a checkpoint by its name, or any revision by its number. */
function PointPick({
  label,
  value,
  checkpoints,
  newest,
  onPick,
  testId,
}: {
  label: string;
  value: Point;
  checkpoints: readonly CheckpointRow[];
  newest: number;
  onPick: (point: Point) => void;
  testId: string;
}) {
  const isRevision = value.startsWith("@");
  const [revision, setRevision] = useState(isRevision ? value.slice(1) : "");
  const isKnown = isRevision || value === "now" || checkpoints.some((row) => row.id === value);
  return (
    <div class="point">
      <Pick
        label={label}
        value={isRevision ? "@" : value}
        onPick={(point) => {
          if (point === "@") setRevision(revision || "1");
          onPick(point === "@" ? `@${revision || "1"}` : point);
        }}
        testId={testId}
      >
        <option value="now">Now</option>
        <option value="@">A revision, by its number</option>
        {!isKnown && <option value={value}>A checkpoint that is gone</option>}
        {checkpoints.map((row) => (
          <option key={row.id} value={row.id}>
            {beginning(nameOf(row), 60)} · revision {number(row.revision)} ·{" "}
            {ago(row.createdAt, Date.now())}
          </option>
        ))}
      </Pick>
      {isRevision && (
        <Field
          label={`Revision, 1 to ${number(newest)}`}
          value={revision}
          onInput={(text) => {
            setRevision(text);
            if (/^[0-9]{1,15}$/.test(text)) onPick(`@${Number(text)}`);
          }}
          maxLength={15}
          testId={`${testId}-revision`}
        />
      )}
    </div>
  );
}
