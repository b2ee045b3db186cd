import { Holdpoint } from "holdpoint";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App.jsx";

const hp = await Holdpoint.open({ name: "holdpoint-example-react" });

/** The plan of the last visit, or a new one. */
async function openPlan() {
  const [left] = await hp.listResumable();
  if (left) return hp.plan(left.project, left.id);
  const project = await hp.createProject({ name: "Example" });
  return project.createPlan({
    request: "Bake a cake",
    steps: ["weigh", "mix", "bake", "cool", "ice"],
  });
}

createRoot(document.getElementById("root")).render(
  <StrictMode>
    <App plan={await openPlan()} />
  </StrictMode>,
);
