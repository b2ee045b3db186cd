import type { Statistics, StoreStatistics } from "holdpoint";
import { isGone, useLive, useProject } from "../live";
import { Facts, Foreign, Loading, Moment } from "../parts/basics";
import { Crumbs } from "../parts/Crumbs";
import { Counted, Heads } from "../parts/Counted";
import { Missing } from "../parts/Missing";
import { ProblemBox } from "../parts/ProblemBox";
import { Title } from "../parts/Title";
import { projectOf } from "../store";
import { bytes, count, number, percent } from "../text";
import { planState, projectStatus, trigger } from "../words";

/** A project, or all there is, in figures. */
export function Figures({ project }: { project: string | undefined }) {
  return project === undefined ? <Store /> : <Project id={project} />;
}

function Store() {
  const { data, problem, again } = useLive(undefined, ["statistics"], (holdpoint) =>
    holdpoint.statistics(),
  );
  return (
    <>
      <Crumbs />
      <header class="view-head">
        <Title text="In figures" />
        <p class="lead">Everything that is kept in this browser.</p>
      </header>
      <ProblemBox problem={problem} onAgain={again} />
      {!data && !problem && <Loading what="the figures" />}
      {data && <OfStore figures={data} />}
    </>
  );
}

function OfStore({ figures }: { figures: StoreStatistics }) {
  const { totals, usage } = figures;
  return (
    <div class="columns" data-testid="figures">
      <div class="column">
        <Work totals={totals} projects={figures.projects} />
        <Counted
          title="Projects by status"
          one="project"
          rows={Object.entries(figures.projectsByStatus).map(([status, count]) => ({
            key: status,
            ...projectStatus[status as keyof typeof projectStatus],
            count,
          }))}
          testId="projects-by-status"
        />
        <PlansByState totals={totals} />
      </div>
      <div class="column column-side">
        <section class="card" aria-labelledby="room" data-testid="room">
          <h2 id="room">Room in this browser</h2>
          <Facts
            facts={[
              ["Used", usage.bytes === null ? unknown : <Bytes value={usage.bytes} />],
              ["Allowed", usage.quota === null ? unknown : <Bytes value={usage.quota} />],
              [
                "Kept for good",
                usage.persisted === null
                  ? unknown
                  : usage.persisted
                    ? "yes, the browser has promised it"
                    : "no, the browser may clear it when space runs short",
              ],
            ]}
          />
          {usage.bytes !== null && !!usage.quota && (
            <>
              <progress
                max={usage.quota}
                value={usage.bytes}
                aria-label="How much of the allowed room is used"
              />
              <p class="muted small">
                {percent(Math.round((10_000 * usage.bytes) / usage.quota) / 100)} of what is
                allowed. The browser estimates it, for all that this site keeps.
              </p>
            </>
          )}
        </section>
        <Checkpoints totals={totals} />
        <Context totals={totals} />
      </div>
    </div>
  );
}

const unknown = "the browser doesn’t say";

function Project({ id }: { id: string }) {
  const live = useLive(id, ["statistics"], async () => (await projectOf(id)).statistics());
  const name = useProject(id).data?.name;
  if (isGone(live.problem)) {
    return <Missing title="No such project" text="It was deleted, or the address is wrong." />;
  }
  return (
    <>
      <Crumbs project={id} name={name} />
      <header class="view-head">
        <Title text="In figures" />
        {name !== undefined && (
          <p class="lead">
            <Foreign text={name} />
          </p>
        )}
      </header>
      <ProblemBox problem={live.problem} onAgain={live.again} />
      {!live.data && !live.problem && <Loading what="the figures" />}
      {live.data && <OfProject figures={live.data} />}
    </>
  );
}

function OfProject({ figures }: { figures: Statistics }) {
  const { totals, sizes } = figures;
  return (
    <div class="columns" data-testid="figures">
      <div class="column">
        <Work totals={totals} />
        <PlansByState totals={totals} />
        {figures.agents.length > 0 && <Agents figures={figures} />}
      </div>
      <div class="column column-side">
        <section class="card" aria-labelledby="sizes" data-testid="sizes">
          <h2 id="sizes">How large it is</h2>
          <Facts
            facts={[
              ["History", <Bytes value={sizes.journalBytes} />],
              [
                "Texts",
                <>
                  <Bytes value={sizes.bodyBytes} /> in {count(sizes.bodies, "text")}
                </>,
              ],
              ...(figures.redacted > 0
                ? [["Removed", `${count(figures.redacted, "text")} for good`] as const]
                : []),
            ]}
          />
          <p class="muted small">
            Texts are what agents have in mind, inputs, outputs and long requests. Each counts as
            often as it came; equal ones are kept once.
          </p>
        </section>
        <Checkpoints totals={totals} />
        <Context totals={totals} />
        <p class="muted small">
          At revision {number(figures.revision)}, <Moment time={figures.at} />.
        </p>
      </div>
    </div>
  );
}

type Totals = Statistics["totals"];

function Work({ totals, projects }: { totals: Totals; projects?: number }) {
  return (
    <section class="card" aria-labelledby="in-all">
      <h2 id="in-all">In all</h2>
      <dl class="figures" data-testid="in-all">
        {projects !== undefined && <Figure name="Projects" value={number(projects)} />}
        <Figure name="Plans" value={number(totals.plans)} />
        <Figure
          name="Steps done"
          value={`${number(totals.stepsCompleted)} of ${number(totals.steps)}`}
        />
        <Figure name="Checkpoints" value={number(totals.checkpoints)} />
        <Figure name="Entries of history" value={number(totals.entries)} />
      </dl>
    </section>
  );
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function PlansByState({ totals }: { totals: Totals }) {
  return (
    <Counted
      title="Plans by state"
      one="plan"
      rows={Object.entries(totals.plansByState).map(([state, count]) => ({
        key: state,
        ...planState[state as keyof typeof planState],
        count,
      }))}
      testId="plans-by-state"
    />
  );
}

function Checkpoints({ totals }: { totals: Totals }) {
  return (
    <Counted
      title="Checkpoints by what took them"
      one="checkpoint"
      rows={Object.entries(totals.checkpointsByTrigger).map(([key, count]) => ({
        key,
        word: triggers[key as keyof typeof trigger],
        count,
      }))}
      testId="checkpoints-by-trigger"
    />
  );
}

const triggers: typeof trigger = {
  manual: "Somebody, by hand",
  auto: "A completed step, or a rollback",
  phase_transition: "A stage of a plan",
  pause: "A pause",
};

function Context({ totals }: { totals: Totals }) {
  return (
    <section class="card" aria-labelledby="context">
      <h2 id="context">Context</h2>
      <Facts
        facts={[
          ["Agents", count(totals.activeAgents, "active one")],
          ["Active", count(totals.items, "item")],
          ["Archived", count(totals.itemsArchived, "item")],
          ["Tokens", `${number(totals.tokens)} active`],
        ]}
      />
    </section>
  );
}

function Agents({ figures }: { figures: Statistics }) {
  return (
    <section class="card" aria-labelledby="by-agent" data-testid="by-agent">
      <h2 id="by-agent">Context by agent</h2>
      <div class="scroll" tabIndex={0} role="region" aria-label="Context, agent by agent">
        <table>
          <Heads first="Agent" figures={["Active", "Tokens", "Limit", "Archived", "In all"]} />
          <tbody>
            {figures.agents.map((agent) => (
              <tr key={agent.agent}>
                <th scope="row">
                  <Foreign text={agent.agent} />
                </th>
                <td class="figure">{count(agent.active.items, "item")}</td>
                <td class="figure">{number(agent.active.tokens)}</td>
                <td class="figure">{number(agent.tokenLimit)}</td>
                <td class="figure">{count(agent.archived.items, "item")}</td>
                <td class="figure">{count(agent.total.tokens, "token")}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** In a unit that is read at a glance; the exact number on hover. */
function Bytes({ value }: { value: number }) {
  return (
    <span title={count(value, "byte")} data-bytes={value}>
      {bytes(value)}
    </span>
  );
}
