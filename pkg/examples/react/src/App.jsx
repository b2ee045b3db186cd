import { useCheckpoints, usePlan, useProject } from "holdpoint/react";
import { useState } from "react";

const work = (step) =>
  new Promise((resolve) => setTimeout(() => resolve({ did: step.title }), 1000));

export function App({ plan }) {
  const { data, error } = usePlan(plan);
  const { data: project } = useProject(plan.project);
  const { data: checkpoints = [] } = useCheckpoints(plan, { limit: 5 });
  const [problem, setProblem] = useState();

  const doing = (act) => () => {
    setProblem(undefined);
    act().catch(setProblem);
  };
  if (!data) return <p>{error ? error.message : "…"}</p>;
  const isPaused = project?.status === "paused";
  return (
    <main>
      <h1>{data.request}</h1>
      <p>
        <progress max={data.steps} value={data.lastCompletedStep + 1} /> {data.hold ?? data.state}
      </p>
      <button onClick={doing(() => plan.run(work))}>Run</button>
      <button onClick={doing(() => (isPaused ? plan.project.resume() : plan.project.pause()))}>
        {isPaused ? "Resume" : "Pause"}
      </button>
      <ul>
        {checkpoints.map((row) => (
          <li key={row.checkpoint}>
            {row.name}{" "}
            <button onClick={doing(() => plan.rollback(row.checkpoint))}>back to here</button>
          </li>
        ))}
      </ul>
      {problem && <p role="alert">{problem.message}</p>}
    </main>
  );
}
