import { useQuery } from "../live";
import { Loading } from "../parts/basics";
import { ImportBox } from "../parts/ImportBox";
import { ProjectsList, useProjects } from "../parts/ProjectsList";
import { Resumables } from "../parts/Resumables";
import { Title } from "../parts/Title";

export function Home() {
  const resumable = useQuery({ type: "resumable" });
  const projects = useProjects();
  const isEmpty = projects.data?.length === 0 && !projects.problem;
  return (
    <>
      <Title text="Your work" />
      {isEmpty && (
        <p class="lead" data-testid="empty">
          Import what an agent did, and play it step by step: pause it, close the tab, go on later,
          roll it back. Everything happens in this browser, and nothing is lost on the way.
        </p>
      )}
      {!projects.data && !projects.problem && <Loading what="your work" />}
      <Resumables live={resumable} />
      <ImportBox />
      <ProjectsList live={projects} />
    </>
  );
}
