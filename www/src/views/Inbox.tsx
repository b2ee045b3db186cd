import type { InboxEntry } from "holdpoint";
import { useState } from "preact/hooks";
import { useLive } from "../live";
import { Badge, Button, Foreign, Loading, Moment } from "../parts/basics";
import { ProblemBox } from "../parts/ProblemBox";
import { Title } from "../parts/Title";
import { toPlan } from "../router";
import { beginning, count, number } from "../text";
import { gates, waitsForResume } from "../words";

const FEW = 20;

/** Every plan that waits for somebody's decision, the longest first. */
export function Inbox() {
  const live = useLive(undefined, ["inbox"], (holdpoint) => holdpoint.inbox());
  const [limit, setLimit] = useState(FEW);
  const rows = live.data && [...live.data].sort((a, b) => (a.updatedAt < b.updatedAt ? -1 : 1));
  return (
    <>
      <header class="view-head">
        <Title text="Inbox" />
        {rows && rows.length > 0 && (
          <p class="lead">
            {rows.length === 1 ? "One plan waits" : `${number(rows.length)} plans wait`} for a
            decision. Nothing of it goes on until somebody takes it.
          </p>
        )}
      </header>
      <ProblemBox problem={live.problem} onAgain={live.again} />
      {!rows && !live.problem && <Loading what="the inbox" />}
      {rows?.length === 0 && (
        <p class="lead" data-testid="inbox-empty">
          Nothing waits for a decision. A plan with gates comes here when somebody has to approve,
          review or verify it.
        </p>
      )}
      {rows && rows.length > 0 && (
        <section class="card" aria-labelledby="waiting" data-testid="inbox">
          <h2 id="waiting" class="hidden">
            {count(rows.length, "decision")} to take
          </h2>
          <ul class="rows">
            {rows.slice(0, limit).map((row) => (
              <Row key={row.project + row.id} row={row} />
            ))}
          </ul>
          {rows.length > limit && (
            <Button kind="quiet" onClick={() => setLimit(limit + 2 * FEW)}>
              Show more of {number(rows.length)}
            </Button>
          )}
        </section>
      )}
    </>
  );
}

function Row({ row }: { row: InboxEntry }) {
  return (
    <li class="row row-headed" data-testid="inbox-row" data-plan={row.id} data-gate={row.gate}>
      <div class="row-main">
        <p class="row-title">
          <a href={toPlan(row.project, row.id)}>
            {gates[row.gate].title}: plan {number(row.number)} of <Foreign text={row.projectName} />
          </a>
        </p>
        <p class="muted small clip">
          <bdi>{beginning(row.request, 200)}</bdi>
        </p>
        <p class="meta">
          <span>
            since <Moment time={row.updatedAt} />
          </span>
          <span>submission {number(row.submission)}</span>
          {held(row)}
        </p>
      </div>
    </li>
  );
}

/** What the project's status means for the decision. */
function held({ projectStatus: status, gate }: InboxEntry) {
  if (status === "paused") {
    return (
      <>
        <Badge tone="hold">Project paused</Badge>
        <span data-testid="inbox-paused">
          {waitsForResume(gate)
            ? `the ${gate} waits until it is resumed`
            : "you can decide all the same"}
        </span>
      </>
    );
  }
  if (status === "stopped") return <Badge tone="plain">Project stopped: start it first</Badge>;
  return null;
}
