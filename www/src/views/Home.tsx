import { useEffect, useState } from "preact/hooks";
import { useCell } from "../cell";
import { hadWork, noteWork } from "../kept";
import { useLive } from "../live";
import { Button, Loading } from "../parts/basics";
import { Icon } from "../parts/Icon";
import { ImportBox } from "../parts/ImportBox";
import { NewProjectDialog } from "../parts/planDialogs";
import { Note } from "../parts/ProblemBox";
import { ProjectsList, useProjects } from "../parts/ProjectsList";
import { Resumables } from "../parts/Resumables";
import { SaveCopyDialog } from "../parts/SaveCopyDialog";
import { Title } from "../parts/Title";
import { wasEvicted } from "../problem";
import { toFigures } from "../router";

export function Home() {
  const resumable = useLive(undefined, ["resumable"], (holdpoint) => holdpoint.listResumable());
  const projects = useProjects();
  const isEmpty = projects.data?.length === 0 && !projects.problem;
  const isLost = useCell(hadWork) && isEmpty;
  const [isMaking, setMaking] = useState(false);
  const [isSaving, setSaving] = useState(false);
  const hasWork = (projects.data?.length ?? 0) > 0;
  useEffect(() => {
    if (!hasWork) return;
    noteWork(true);
    // What is missing from now on is missing for another reason.
    wasEvicted.set(false);
  }, [hasWork]);
  return (
    <>
      <div class="title-line title-line-wide">
        <Title text="Your work" />
        <div class="buttons">
          {hasWork && (
            <>
              <a class="button button-quiet" href={toFigures()} data-testid="to-figures">
                <Icon name="figures" />
                In figures
              </a>
              <Button
                kind="quiet"
                icon="download"
                onClick={() => setSaving(true)}
                testId="save-everything"
              >
                Save a copy…
              </Button>
            </>
          )}
          <Button icon="plus" onClick={() => setMaking(true)} testId="new-project">
            New project…
          </Button>
        </div>
      </div>
      {isLost && (
        <Note tone="hold" testId="work-is-lost" onDismiss={() => noteWork(false)}>
          <p>
            There was work here when you last looked, and this browser doesn’t have it any more: it
            was cleared, or damaged. Import the files again, and let the page keep its data for
            good.
          </p>
        </Note>
      )}
      {isEmpty && (
        <p class="lead" data-testid="empty">
          Import what an agent did, and play it step by step: pause it, close the tab, go on later,
          roll it back. Everything happens in this browser, and nothing is lost on the way.
        </p>
      )}
      {!projects.data && !projects.problem && <Loading what="your work" />}
      <Resumables live={resumable} />
      <ImportBox projects={projects.data ?? []} />
      <ProjectsList live={projects} />
      {isSaving && <SaveCopyDialog onClose={() => setSaving(false)} />}
      {isMaking && <NewProjectDialog onClose={() => setMaking(false)} />}
    </>
  );
}
