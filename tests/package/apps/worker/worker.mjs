import { Holdpoint } from "holdpoint";
import { begin, goOn } from "./life.mjs";

onmessage = async ({ data: { moment, ids } }) => {
  try {
    const hp = await Holdpoint.open({ name: "my-app", actor: "worker" });
    postMessage({ answer: moment === "begin" ? await begin(hp) : await goOn(hp, ids) });
  } catch (error) {
    postMessage({ error: String(error?.stack ?? error) });
  }
};
