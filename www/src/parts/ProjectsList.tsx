import type { Cursor, Page, ProjectRow } from "holdpoint";
import { useState } from "preact/hooks";
import { type Live, useLive } from "../live";
import { toProject } from "../router";
import { count, number } from "../text";
import { projectHold, projectStatus } from "../words";
import { Badge, Button, Foreign, Moment } from "./basics";
import { ProblemBox } from "./ProblemBox";

const FEW = 20;

/** All projects, last touched first. Lists begin at the oldest, so all of the small rows are read. */
export function useProjects(): Live<ProjectRow[]> {
  return useLive(undefined, ["projects"], async (holdpoint) => {
    const rows: ProjectRow[] = [];
    let after: Cursor | null = null;
    do {
      const { items, next }: Page<ProjectRow> = await holdpoint.listProjects({ after });
      rows.push(...items);
      after = next;
    } while (after);
    return rows.sort((a, b) =>
      a.updatedAt < b.updatedAt ? 1 : a.updatedAt > b.updatedAt ? -1 : 0,
    );
  });
}

export function ProjectsList({ live }: { live: Live<ProjectRow[]> }) {
  const [limit, setLimit] = useState(FEW);
  const rows = live.data;
  if (!live.problem && (!rows || rows.length === 0)) return null;
  return (
    <section class="card" aria-labelledby="projects" data-testid="projects">
      <header class="card-head">
        <h2 id="projects">Projects {rows && <span class="count">{number(rows.length)}</span>}</h2>
      </header>
      <ProblemBox problem={live.problem} onAgain={live.again} />
      <ul class="rows">
        {rows?.slice(0, limit).map((row) => (
          <Row key={row.id} row={row} />
        ))}
      </ul>
      {rows && rows.length > limit && (
        <Button kind="quiet" onClick={() => setLimit(limit + 2 * FEW)} testId="more-projects">
          Show more of {number(rows.length)}
        </Button>
      )}
    </section>
  );
}

function Row({ row }: { row: ProjectRow }) {
  const { word, tone } = projectStatus[row.status];
  return (
    <li class="row" data-testid="project" data-project={row.id} data-status={row.status}>
      <div class="row-main">
        <p class="row-title">
          <a href={toProject(row.id)}>
            <Foreign text={row.name} />
          </a>
        </p>
        <p class="meta">
          <Badge tone={tone} state={row.status}>
            {word}
          </Badge>
          <span data-testid="project-hold">{projectHold(row)}</span>
          <span>
            touched <Moment time={row.updatedAt} />
          </span>
        </p>
        {row.pauseReason !== null && (
          <p class="muted small clip">
            “<Foreign text={row.pauseReason} />”
          </p>
        )}
      </div>
      <dl class="tiny-figures">
        <div>
          <dt>Plans done</dt>
          <dd>
            {number(row.plansCompleted)}/{number(row.plans)}
          </dd>
        </div>
        <div>
          <dt>Items</dt>
          <dd title={`${count(row.itemsArchived, "item")} archived`}>{number(row.items)}</dd>
        </div>
        <div>
          <dt>Tokens</dt>
          <dd>{number(row.tokens)}</dd>
        </div>
        <div>
          <dt>Checkpoints</dt>
          <dd>{number(row.checkpoints)}</dd>
        </div>
      </dl>
    </li>
  );
}
