import { render } from "preact";
import { App } from "./App";
import { importFiles } from "./importing";
import { go, route, toHome } from "./router";
import { open } from "./store";
import { keepPage } from "./updates";

/** Dropped files are imported wherever they land; the browser would open them in place of the page. */
function takeDrops(): void {
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    const files = [...(event.dataTransfer?.files ?? [])];
    if (files.length === 0) return;
    importFiles(files);
    if (route.value.view !== "home") go(toHome);
  });
}

const root = document.getElementById("app");
if (!root) throw new Error("index.html has no #app");
render(<App />, root);
takeDrops();
void open();
// Without it the page works all the same, with the network.
keepPage().catch((error: unknown) =>
  console.warn("The page can’t be kept for offline use:", error),
);
