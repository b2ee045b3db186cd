// Stands in the copy of the page, beside its module: asks the database for a test whose own scripts
// run in a world beside the page's, where what IndexedDB gives has other types.
import init, { Holdpoint } from "./holdpoint.js";

await init();
addEventListener("ask", async ({ detail }) => {
  const { id, method, args } = JSON.parse(detail);
  let answer;
  try {
    const store = await Holdpoint.open({ actor: "inspector" });
    try {
      answer = { value: (await store[method](...args)) ?? null };
    } finally {
      store.close();
      store.free();
    }
  } catch (error) {
    answer = { error: `${error.code}: ${error.message}` };
  }
  document.documentElement.setAttribute(id, JSON.stringify(answer));
});
document.documentElement.setAttribute("can-ask", "");
