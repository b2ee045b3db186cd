import { useCheckpoints, usePlan, useProject } from "holdpoint/react";
import { useState } from "react";

const work = (step) =>
  new Promise((resolve) => setTimeout(() => resolve({ did: step.title }), 1000));

export function App({ plan }) {
  const { data, error } = usePlan(plan);
  const { data: project } = useProject(plan.project);
  const { data: checkpoints = [] } = useCheckpoints(plan, { limit: 5 });
  const [told, setTold] = useState();

  const doing = (act) => async () => {
    setTold(undefined);
    try {
      setTold(await act());
    } catch (error) {
      setTold(`${error.code}: ${error.message}`);
    }
  };
  const run = async () => {
    const { status, hold } = await plan.run(work);
    return hold ? `The run was held: ${hold.reason}` : `The plan is ${status}`;
  };
  const pause = async () => {
    if (isPaused) await plan.project.resume();
    else await plan.project.pause();
  };
  const back = async (checkpoint) => {
    const { stepsReverted } = await plan.rollback(checkpoint);
    return `${stepsReverted} steps changed`;
  };
  if (!data) return <p>{error ? error.message : "…"}</p>;
  const isPaused = project?.status === "paused";
  return (
    <main>
      <h1>{data.request}</h1>
      <p>
        <progress max={data.steps} value={data.lastCompletedStep + 1} /> {data.hold ?? data.state}
      </p>
      <button onClick={doing(run)}>Run</button>
      <button onClick={doing(pause)}>{isPaused ? "Resume" : "Pause"}</button>
      <ul>
        {checkpoints.map((row) => (
          <li key={row.id}>
            {row.name} <button onClick={doing(() => back(row.id))}>back to here</button>
          </li>
        ))}
      </ul>
      {told && <p role="status">{told}</p>}
    </main>
  );
}
