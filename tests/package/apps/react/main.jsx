// All three hooks under StrictMode, in React's development build, which warns. The test plays it.
import { Holdpoint, init } from "holdpoint";
import wasm from "holdpoint/holdpoint.wasm";
import { useCheckpoints, usePlan, useProject } from "holdpoint/react";
import { memo, StrictMode, useState } from "react";
import { createRoot } from "react-dom/client";

const counts = { subscribed: 0, watched: 0, subscriptions: 0, agents: 0 };

/** Counts who is subscribed, of all that hooks subscribe to. */
function counted(handle) {
  const { subscribe, watch } = handle;
  const count = (name, begin) => (listener) => {
    counts[name] += 1;
    counts.subscriptions += 1;
    const stop = begin(listener);
    return () => {
      counts[name] -= 1;
      stop();
    };
  };
  handle.subscribe = count("subscribed", subscribe);
  handle.watch = count("watched", watch);
  return handle;
}

const Agents = memo(function Agents({ list }) {
  counts.agents += 1;
  return <output id="agents">{list.map(({ agent }) => agent).join()}</output>;
});

function App({ project, plan }) {
  const shown = useProject(project);
  const { data, isLoading } = usePlan(plan);
  const { data: rows = [] } = useCheckpoints(plan, { limit: 3 });
  const [problem] = useState("none");
  if (shown.error) return <p id="error">{shown.error.code}</p>;
  return (
    <main>
      <p id="status">{shown.isLoading ? "…" : shown.data.status}</p>
      <p id="name">{shown.data?.name}</p>
      <p id="done">{isLoading ? "…" : data.lastCompletedStep + 1}</p>
      <p id="rows">{rows.map((row) => row.name).join()}</p>
      <p id="problem">{problem}</p>
      {shown.data && <Agents list={shown.data.agents} />}
    </main>
  );
}

let root;
let handles;
window.app = {
  counts,
  async open() {
    await init(new URL(wasm, import.meta.url));
    window.hp = await Holdpoint.open({ name: "react", actor: "ana" });
  },
  async create() {
    const project = await window.hp.createProject({ name: "first" });
    const plan = await project.createPlan({ request: "x", steps: ["a", "b", "c"] });
    return { project: project.id, plan: plan.id };
  },
  async mount(ids) {
    const project = counted(await window.hp.project(ids.project));
    const plan = counted(await window.hp.plan(ids.project, ids.plan));
    handles = { project, plan };
    root = createRoot(document.getElementById("root"));
    app.render(handles);
  },
  render: (props) =>
    root.render(
      <StrictMode>
        <App {...props} />
      </StrictMode>,
    ),
  renderNothingYet: () => app.render({}),
  renderAgain: () => app.render(handles),
  unmount: () => root.unmount(),
  snapshot: () => handles.project.getSnapshot(),
};
