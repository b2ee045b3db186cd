import type { Resumable } from "holdpoint";
import { useState } from "preact/hooks";
import { useAction } from "../action";
import type { Live } from "../live";
import { go, toPlan } from "../router";
import { start, useRunner } from "../runner";
import { projectOf } from "../store";
import { count, beginning, number } from "../text";
import { planHold, planState } from "../words";
import { Badge, Button, Foreign, Moment } from "./basics";
import { ProblemBox } from "./ProblemBox";

const FEW = 10;

/** All that can go on, last touched first, with the button that makes it. */
export function Resumables({ live }: { live: Live<Resumable[]> }) {
  const [limit, setLimit] = useState(FEW);
  const rows = live.data && [...live.data].sort((a, b) => compare(b.updatedAt, a.updatedAt));
  if (!live.problem && (!rows || rows.length === 0)) return null;
  return (
    <section class="card" aria-labelledby="resumable" data-testid="resumable">
      <header class="card-head">
        <h2 id="resumable">Can go on {rows && <span class="count">{number(rows.length)}</span>}</h2>
      </header>
      <ProblemBox problem={live.problem} onAgain={live.again} />
      <ul class="rows">
        {rows?.slice(0, limit).map((row) => (
          <ResumableRow key={row.project + row.id} row={row} />
        ))}
      </ul>
      {rows && rows.length > limit && (
        <Button kind="quiet" onClick={() => setLimit(limit + 5 * FEW)}>
          Show more of {number(rows.length)}
        </Button>
      )}
    </section>
  );
}

function ResumableRow({ row }: { row: Resumable }) {
  const action = useAction();
  const runner = useRunner(row.project, row.id);
  const isPaused = row.hold === "project_paused";
  const canStart = row.hold === null || row.hold === "not_started";
  const done = row.lastCompletedStep + 1;
  const word = isPaused ? "Resume and run" : done === 0 ? "Run" : "Go on";
  const goOn = (): void => {
    void action.run(async () => {
      if (isPaused) await (await projectOf(row.project)).resume();
      void start(row.project, row.id);
      go(toPlan(row.project, row.id));
    });
  };
  const isHere = runner?.where === "here";
  const isElsewhere = runner?.where === "elsewhere";
  const isRunning = isHere || isElsewhere;
  return (
    <li class="row" data-testid="resumable-row" data-plan={row.id} data-hold={row.hold ?? ""}>
      <div class="row-main">
        <p class="row-title">
          <a href={toPlan(row.project, row.id)}>
            <Foreign text={row.projectName} />
          </a>
        </p>
        <p class="muted small clip">
          <bdi>{beginning(row.request, 160)}</bdi>
        </p>
        <p class="meta">
          <Badge tone={isPaused ? "hold" : planState[row.state].tone} state={row.state}>
            {isPaused ? "Paused" : planState[row.state].word}
          </Badge>
          <span>
            {isHere ? (
              "Running here"
            ) : !isElsewhere ? (
              planHold(row)
            ) : runner.who === undefined ? (
              "Running in another tab"
            ) : (
              <>
                Run by <bdi>{runner.who}</bdi>
              </>
            )}
          </span>
          <span>
            touched <Moment time={row.updatedAt} />
          </span>
        </p>
        <ProblemBox problem={action.problem} onDismiss={action.dismiss} />
      </div>
      <div class="row-side">
        <progress max={Math.max(row.steps, 1)} value={done} aria-label="Steps done" />
        <span class="muted small">
          {number(done)} of {count(row.steps, "step")}
        </span>
      </div>
      <div class="row-action">
        {!isRunning && (isPaused || canStart) ? (
          <Button
            kind={isPaused ? "plain" : "primary"}
            icon="play"
            isBusy={action.isBusy}
            onClick={goOn}
            testId="go-on"
            label={`${word}: ${row.projectName}`}
          >
            {word}
          </Button>
        ) : (
          <a class="button button-plain" href={toPlan(row.project, row.id)}>
            {isRunning ? "Watch" : "Open"}
          </a>
        )}
      </div>
    </li>
  );
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
