import type { CheckpointRow, PlanRow, ProjectView } from "holdpoint";
import { useState } from "preact/hooks";
import type { Live } from "../live";
import { number } from "../text";
import { nameOf, trigger } from "../words";
import { Badge, Button, Foreign, Loading, Moment, ShortId } from "./basics";
import { CheckpointMore } from "./CheckpointMore";
import { CheckpointDialog } from "./dialogs";
import { ForkDialog } from "./ForkDialog";
import { Icon } from "./Icon";
import { Kept } from "./Kept";
import { ProblemBox } from "./ProblemBox";
import { RollbackDialog, type RollbackWay } from "./RollbackDialog";

const FEW = 8;

/** Checkpoints, with what can be done from each: of a plan, or of a project. */
export function Checkpoints({
  project,
  projectName,
  plan,
  plans,
  live,
  canRollBack,
  isPaused,
  suggestion,
  kept,
}: {
  project: string;
  projectName: string;
  /** Those that this plan can go to; without it, those of the project. */
  plan?: PlanRow;
  plans: readonly PlanRow[];
  live: Live<CheckpointRow[]>;
  canRollBack: boolean;
  isPaused: boolean;
  suggestion: string;
  /** With how many of them this project keeps. */
  kept?: ProjectView;
}) {
  const [areAllShown, setAllShown] = useState(false);
  const [opened, setOpened] = useState<string>();
  const [forking, setForking] = useState<CheckpointRow>();
  const [isTaking, setTaking] = useState(false);
  const [rollback, setRollback] = useState<{ way: RollbackWay; checkpoint?: string }>();
  const rows = live.data?.filter((row) => !plan || row.plan === null || row.plan === plan.id);
  const shown = areAllShown ? rows : rows?.slice(0, FEW);
  const number_ = (id: string): string => {
    const found = plans.find((row) => row.id === id);
    return found ? `plan ${number(found.number)}` : "a plan that is gone";
  };
  const way: RollbackWay = plan
    ? { type: "plan", plan: plan.id }
    : isPaused
      ? { type: "resume" }
      : { type: "project" };

  return (
    <section class="card" aria-labelledby="checkpoints" data-testid="checkpoints">
      <header class="card-head">
        <h2 id="checkpoints">
          Checkpoints {rows && <span class="count">{number(rows.length)}</span>}
        </h2>
        <div class="buttons">
          <Button icon="bookmark" onClick={() => setTaking(true)} testId="take-checkpoint">
            Take one
          </Button>
          {canRollBack && rows && rows.length > 0 && (
            <Button icon="back" onClick={() => setRollback({ way })} testId="roll-back">
              {way.type === "resume" ? "Resume from…" : "Roll back…"}
            </Button>
          )}
        </div>
      </header>
      <ProblemBox problem={live.problem} onAgain={live.again} />
      {!rows && !live.problem && <Loading what="checkpoints" />}
      {rows?.length === 0 && (
        <p class="muted">
          None yet. Each stage, each completed step and each pause takes one; you can take one at
          any time.
        </p>
      )}
      {shown && shown.length > 0 && (
        <ol class="rows" data-testid="checkpoint-list">
          {shown.map((row) => (
            <li
              key={row.id}
              class="row row-headed"
              data-testid="checkpoint"
              data-checkpoint={row.id}
              data-trigger={row.trigger}
            >
              <div class="row-main">
                <p class="row-title">
                  <Foreign text={nameOf(row)} />
                </p>
                <p class="meta">
                  <span>revision {number(row.revision)}</span>
                  {row.trigger === "phase_transition" ? (
                    <Badge tone="plain">Stage</Badge>
                  ) : (
                    <span>{row.safety ? "before a rollback" : trigger[row.trigger]}</span>
                  )}
                  {row.pinned && <Badge tone="go">Pinned</Badge>}
                  {!plan && row.plan !== null && <span>{number_(row.plan)}</span>}
                  {plan && row.plan === null && <span>whole project</span>}
                  {plan?.lastCheckpointId === row.id && <span>the plan’s newest</span>}
                  <Moment time={row.createdAt} />
                  <ShortId id={row.id} />
                </p>
                {row.reason !== null && (
                  <p class="muted small clip">
                    <Foreign text={row.reason} />
                  </p>
                )}
              </div>
              <div class="row-buttons">
                <button
                  type="button"
                  class="icon-button"
                  aria-label={`More for ${nameOf(row)}`}
                  title="More"
                  aria-expanded={opened === row.id}
                  data-testid="checkpoint-more"
                  onClick={() => setOpened(opened === row.id ? undefined : row.id)}
                >
                  <Icon name="dots" />
                </button>
                {canRollBack && (
                  <Button
                    kind="quiet"
                    icon={way.type === "resume" ? "play" : "back"}
                    label={`${way.type === "resume" ? "Resume from here" : "Roll back"}: ${nameOf(row)}`}
                    onClick={() => setRollback({ way, checkpoint: row.id })}
                    testId="roll-back-to"
                  >
                    {way.type === "resume" ? "Resume from here…" : "Roll back…"}
                  </Button>
                )}
              </div>
              {opened === row.id && (
                <CheckpointMore row={row} canPin={canRollBack} onFork={() => setForking(row)} />
              )}
            </li>
          ))}
        </ol>
      )}
      {rows && rows.length > FEW && (
        <Button kind="quiet" onClick={() => setAllShown(!areAllShown)}>
          {areAllShown ? "Show fewer" : `Show all ${number(rows.length)}`}
        </Button>
      )}
      {kept && rows && <Kept project={kept} checkpoints={rows} canChange={canRollBack} />}
      {isTaking && (
        <CheckpointDialog
          project={project}
          plan={plan?.id}
          suggestion={suggestion}
          onClose={() => setTaking(false)}
        />
      )}
      {forking && (
        <ForkDialog
          project={project}
          name={projectName}
          checkpoint={forking}
          onClose={() => setForking(undefined)}
        />
      )}
      {rollback && rows && (
        <RollbackDialog
          project={project}
          checkpoints={rows}
          first={rollback.checkpoint}
          way={rollback.way}
          onClose={() => setRollback(undefined)}
        />
      )}
    </section>
  );
}
