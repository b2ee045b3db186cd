import type { ArchiveReport, ContextFilter, ProjectView } from "holdpoint";
import { useState } from "preact/hooks";
import { isGone, useLive, useProject } from "../live";
import { Crumbs } from "../parts/Crumbs";
import { Button, Loading } from "../parts/basics";
import { FlashSaveDialog, FlashSaveReport } from "../parts/FlashSaveDialog";
import { Pick } from "../parts/Form";
import { Items } from "../parts/Items";
import { Missing } from "../parts/Missing";
import { ProblemBox } from "../parts/ProblemBox";
import { TierPicture } from "../parts/TierPicture";
import { Title } from "../parts/Title";
import { projectOf } from "../store";
import { beginning, number } from "../text";

/** A project's context, item by item. */
export function Context({ id }: { id: string }) {
  const live = useProject(id);
  const project = live.data;
  if (isGone(live.problem)) {
    return <Missing title="No such project" text="It was deleted, or the address is wrong." />;
  }
  return (
    <>
      <Crumbs project={id} name={project?.name} />
      <ProblemBox problem={live.problem} onAgain={live.again} />
      {!project && !live.problem && <Loading what="the context" />}
      {project && <Browser project={project} />}
    </>
  );
}

const PAGE = 100;

function Browser({ project }: { project: ProjectView }) {
  const [agent, setAgent] = useState("");
  const [plan, setPlan] = useState("");
  const [which, setWhich] = useState<"active" | "archived" | "all">("all");
  const [limit, setLimit] = useState(PAGE);
  const [isSaving, setSaving] = useState(false);
  const [report, setReport] = useState<ArchiveReport>();
  const { id: id } = project;
  const filter: ContextFilter = {
    ...(agent !== "" && { agent }),
    ...(plan !== "" && { plan }),
    ...(which !== "all" && { archived: which === "archived" }),
    limit,
  };
  const { data, problem, again } = useLive(id, ["context", filter], async () =>
    (await projectOf(id)).listContext(filter),
  );
  const canChange = !["stopped", "completed"].includes(project.status);
  return (
    <>
      <header class="view-head">
        <Title text="Context" />
        <p class="lead">
          What the agents have in mind, item by item. What has gone cold is set aside at the next
          pause or flash save.
        </p>
        {canChange && project.agents.length > 0 && (
          <div class="buttons">
            <Button icon="box" onClick={() => setSaving(true)} testId="flash-save">
              Flash save…
            </Button>
          </div>
        )}
      </header>
      {report && <FlashSaveReport report={report} onDismiss={() => setReport(undefined)} />}
      <div class="columns">
        <div class="column">
          <section class="card" aria-labelledby="items" data-testid="context-items">
            <header class="card-head">
              <h2 id="items">
                Items{" "}
                {data && (
                  <span class="count">
                    {data.next !== null && "the first "}
                    {number(data.items.length)}
                  </span>
                )}
              </h2>
            </header>
            <div class="filters" role="group" aria-label="Which items">
              <Pick label="Agent" value={agent} onPick={setAgent} testId="filter-agent">
                <option value="">All agents</option>
                {project.agents.map(({ agent }) => (
                  <option key={agent} value={agent}>
                    {beginning(agent, 60)}
                  </option>
                ))}
              </Pick>
              <Pick label="Plan" value={plan} onPick={setPlan} testId="filter-plan">
                <option value="">All plans and none</option>
                {project.planList.map((row) => (
                  <option key={row.id} value={row.id}>
                    Plan {number(row.number)}: {beginning(row.request, 40)}
                  </option>
                ))}
              </Pick>
              <Pick
                label="State"
                value={which}
                onPick={(value) => setWhich(value as typeof which)}
                testId="filter-archived"
              >
                <option value="all">Active and archived</option>
                <option value="active">Active</option>
                <option value="archived">Archived</option>
              </Pick>
            </div>
            <ProblemBox problem={problem} onAgain={again} />
            {!data && !problem && <Loading what="the items" />}
            {data?.items.length === 0 && (
              <p class="muted" data-testid="no-items">
                No such items.
              </p>
            )}
            {data && data.items.length > 0 && (
              <Items
                project={id}
                items={data.items}
                plans={project.planList}
                canChange={canChange}
              />
            )}
            {data && data.next !== null && (
              <Button kind="quiet" onClick={() => setLimit(limit + 5 * PAGE)} testId="more-items">
                Show more
              </Button>
            )}
          </section>
        </div>
        <div class="column column-side">
          <section class="card" aria-labelledby="agents">
            <h2 id="agents">Agents</h2>
            {project.agents.length === 0 && <p class="muted">No agent has any context yet.</p>}
            {project.agents.map((row) => (
              <TierPicture key={row.agent} agent={row} />
            ))}
          </section>
        </div>
      </div>
      {isSaving && (
        <FlashSaveDialog
          project={id}
          agents={project.agents}
          onClose={() => setSaving(false)}
          onSaved={setReport}
        />
      )}
    </>
  );
}
