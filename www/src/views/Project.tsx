import type { ProjectView } from "holdpoint";
import { useRef, useState } from "preact/hooks";
import { useAction } from "../action";
import { useCheckpoints } from "../checkpoints";
import { useKeptFocus } from "../focus";
import { isGone, useProject } from "../live";
import { Crumbs } from "../parts/Crumbs";
import { Badge, Button, Facts, Loading, Moment } from "../parts/basics";
import { Checkpoints } from "../parts/Checkpoints";
import { DeleteDialog, PauseDialog, RenameDialog, StopDialog } from "../parts/dialogs";
import { CompleteDialog } from "../parts/finalDialogs";
import { ForkDialog, ForkedFrom } from "../parts/ForkDialog";
import { History } from "../parts/History";
import { Icon } from "../parts/Icon";
import { Missing } from "../parts/Missing";
import { PauseReportCard } from "../parts/PauseReportCard";
import { PlanList } from "../parts/PlanList";
import { ProblemBox } from "../parts/ProblemBox";
import { SaveCopyDialog } from "../parts/SaveCopyDialog";
import { TierPicture } from "../parts/TierPicture";
import { Title } from "../parts/Title";
import { Verify } from "../parts/Verify";
import { toContext, toFigures } from "../router";
import { projectOf } from "../store";
import { count, number } from "../text";
import { projectHold, projectStatus } from "../words";

export function Project({ id }: { id: string }) {
  const live = useProject(id);
  const checkpoints = useCheckpoints(id);
  const project = live.data;
  if (isGone(live.problem)) {
    return <Missing title="No such project" text="It was deleted, or the address is wrong." />;
  }
  return (
    <>
      <Crumbs />
      <ProblemBox problem={live.problem} onAgain={live.again} />
      {!project && !live.problem && <Loading what="the project" />}
      {project && (
        <>
          <Head project={project} />
          {project.pause && <PauseReportCard report={project.pause} />}
          <div class="columns">
            <div class="column">
              <PlanList project={project} />
              <Checkpoints
                project={id}
                projectName={project.name}
                plans={project.planList}
                live={checkpoints}
                canRollBack={["init", "planning", "active", "paused"].includes(project.status)}
                isPaused={project.status === "paused"}
                suggestion={`At revision ${project.revision}`}
                kept={project}
              />
              <History
                project={id}
                name={project.name}
                plans={project.planList}
                checkpoints={checkpoints.data ?? []}
                entries={project.revision}
              />
            </div>
            <div class="column column-side">
              <Context project={project} />
              <Verify project={id} revision={project.revision} />
            </div>
          </div>
        </>
      )}
    </>
  );
}

function Head({ project }: { project: ProjectView }) {
  const action = useAction();
  const head = useRef<HTMLElement>(null);
  useKeptFocus(head);
  const [dialog, setDialog] = useState<
    "pause" | "rename" | "complete" | "stop" | "fork" | "copy" | "delete"
  >();
  const close = (): void => setDialog(undefined);
  const { id: id, status } = project;
  const { word, tone } = projectStatus[status];
  const act = (work: () => Promise<unknown>) => () => void action.run(work);
  const isRunning = status === "active" || status === "planning";
  return (
    <header ref={head} tabIndex={-1} class="view-head">
      <div class="title-line">
        <Title text={project.name} />
        <button
          type="button"
          class="icon-button"
          aria-label="Rename the project"
          title="Rename"
          data-testid="rename"
          onClick={() => setDialog("rename")}
        >
          <Icon name="pencil" />
        </button>
      </div>
      <p class="meta">
        <Badge tone={tone} state={status}>
          {word}
        </Badge>
        <span data-testid="project-hold">{projectHold(project)}</span>
        <span>
          touched <Moment time={project.updatedAt} />
        </span>
        {project.origin && <ForkedFrom origin={project.origin} />}
      </p>
      <div class="buttons">
        {status === "paused" && (
          <Button
            kind="primary"
            icon="play"
            isBusy={action.isBusy}
            onClick={act(async () => (await projectOf(id)).resume())}
            testId="resume"
          >
            Resume
          </Button>
        )}
        {isRunning && (
          <Button icon="pause" onClick={() => setDialog("pause")} testId="pause">
            Pause…
          </Button>
        )}
        {(status === "init" || status === "planning" || status === "stopped") && (
          <Button
            kind="primary"
            icon="play"
            isBusy={action.isBusy}
            onClick={act(async () => (await projectOf(id)).start())}
            testId="start-project"
          >
            Start
          </Button>
        )}
        {status === "active" && project.plans > 0 && project.plansUnfinished === 0 && (
          <Button icon="check" onClick={() => setDialog("complete")} testId="complete-project">
            Mark as completed…
          </Button>
        )}
        {(isRunning || status === "paused") && (
          <Button icon="stop" onClick={() => setDialog("stop")} testId="stop-project">
            Stop…
          </Button>
        )}
        <Button kind="quiet" icon="fork" onClick={() => setDialog("fork")} testId="fork">
          Fork…
        </Button>
        <Button kind="quiet" icon="download" onClick={() => setDialog("copy")} testId="save-copy">
          Save a copy…
        </Button>
        <a class="button button-quiet" href={toFigures(id)} data-testid="to-figures">
          <Icon name="figures" />
          In figures
        </a>
        <Button kind="quiet" icon="bin" onClick={() => setDialog("delete")} testId="delete">
          Delete…
        </Button>
      </div>
      <ProblemBox problem={action.problem} onDismiss={action.dismiss} />
      {dialog === "pause" && <PauseDialog project={id} onClose={close} />}
      {dialog === "rename" && <RenameDialog project={project} onClose={close} />}
      {dialog === "complete" && <CompleteDialog project={project} onClose={close} />}
      {dialog === "stop" && <StopDialog project={id} onClose={close} />}
      {dialog === "fork" && <ForkDialog project={id} name={project.name} onClose={close} />}
      {dialog === "copy" && <SaveCopyDialog project={id} name={project.name} onClose={close} />}
      {dialog === "delete" && <DeleteDialog project={project} onClose={close} />}
    </header>
  );
}

function Context({ project }: { project: ProjectView }) {
  return (
    <section class="card" aria-labelledby="context" data-testid="context">
      <header class="card-head">
        <h2 id="context">Context</h2>
        {project.agents.length > 0 && (
          <a class="button button-plain" href={toContext(project.id)} data-testid="to-context">
            Browse…
          </a>
        )}
      </header>
      {project.agents.length === 0 && (
        <p class="muted">No agent has any context yet. Each step that is played adds some.</p>
      )}
      {project.agents.map((agent) => (
        <TierPicture key={agent.agent} agent={agent} />
      ))}
      <Facts
        facts={[
          ["Tokens", number(project.tokens)],
          ["Active", count(project.items, "item")],
          ["Archived", count(project.itemsArchived, "item")],
          ["Revision", number(project.revision)],
          ["Created", <Moment time={project.createdAt} />],
          ["Id", <code class="id">{project.id}</code>],
        ]}
      />
    </section>
  );
}
