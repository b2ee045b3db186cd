// What every app with a page does: it is here once the script has run, and is played by the test.
import { Holdpoint } from "holdpoint";
import { begin, goOn } from "./life.mjs";

const open = () => Holdpoint.open({ name: "my-app", actor: "ana" });
window.life = {
  begin: async () => begin(await open()),
  goOn: async (ids) => goOn(await open(), ids),
};
